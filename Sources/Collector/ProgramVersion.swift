/// What the program calls itself. The only place that says so.
enum ProgramVersion {
    static let number = "0.1.0"
    static let text = "odometer \(number)"
}
