/// What the program calls itself. The only place that says so.
enum Version {
    static let current = "0.1.0"
    static let text = "odometer \(current)"
}
