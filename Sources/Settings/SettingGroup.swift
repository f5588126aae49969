/// Settings that belong together: a block of the configuration, or the part of one that a stage reads.
package protocol SettingGroup: Equatable, Sendable {
    /// The defaults.
    init()

    /// The keys of the configuration.
    static var keys: [Key<Self>] { get }
}

extension SettingGroup {
    /// The defaults, changed.
    package init(_ change: (inout Self) -> Void) {
        self.init()
        change(&self)
    }
}

/// Ranges that several keys share.
enum Ranges {
    /// Counts may be as large as memory allows; the range only excludes typing errors.
    static let count = 1...1_000_000_000
    /// 1 MiB to 1 TiB.
    static let memory = (1 << 20)...(1 << 40)
    /// A shorter time-out would disconnect real clients.
    static let shortestTimeout = Duration.milliseconds(100)
}
