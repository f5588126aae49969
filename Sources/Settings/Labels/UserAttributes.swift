/// The attributes that identify the user of a data point or event of Claude Code.
package enum UserAttributes {
    /// The best first.
    package static let all = ["user.email", "user.account_id", "user.account_uuid", "user.id"]
}
