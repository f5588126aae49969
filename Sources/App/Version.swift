/// The program's name and version. Not defined anywhere else.
enum Version {
    static let current = "0.1.0"
    static let text = "odometer \(current)"
}
