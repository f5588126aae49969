internal import Platform

/// The default state directory cannot be used: the consequence, and what to do about it.
struct StateOutOfReach: CustomStringConvertible {
    var path: String
    /// Why it cannot be used.
    var reason: String
    /// The user of the process.
    var user = geteuid()
    var group = getegid()

    /// One sentence for the log.
    var description: String {
        "totals are kept in memory only and restart at zero: \(reason); mount a volume or directory at "
            + "\(absolutePath) that user \(user) may write to (chown \(user):\(group)), or set odometer.state.path "
            + "(\"\" for memory only)"
    }

    private var absolutePath: String {
        guard !path.hasPrefix("/"), let here = getcwd(nil, 0) else { return path }
        defer { free(here) }
        let directory = String(cString: here)
        return directory.hasSuffix("/") ? directory + path : "\(directory)/\(path)"
    }
}
