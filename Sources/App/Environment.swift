internal import Platform

/// The process's environment variables.
enum Environment {
    /// Nil if it is not set. Invalid UTF-8 is repaired.
    static func value(of name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
