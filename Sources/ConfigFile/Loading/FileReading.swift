internal import Platform

/// Reads configuration files with POSIX calls.
enum FileReading {
    /// The bytes of a file, at most `limit` of them. Pipes such as `/dev/stdin` are read to their end.
    static func bytes(of file: String, limit: Int) throws(ConfigFinding) -> [UInt8] {
        do throws(WholeFile.Fault) {
            return try WholeFile.bytes(of: file, limit: limit)
        } catch {
            switch error {
            case .noName: throw finding(file, "no file name")
            case .isDirectory: throw finding(file, "is a directory; name a file")
            case .isTooLong: throw finding(file, "longer than \(limit) bytes, the limit for a configuration")
            case .unreadable(let reason): throw finding(file, "cannot be read: \(reason)")
            }
        }
    }

    /// Whether a file exists; it need not be readable.
    static func exists(_ file: String) -> Bool {
        !file.isEmpty && access(file, F_OK) == 0
    }

    private static func finding(_ file: String, _ message: String) -> ConfigFinding {
        ConfigFinding(position: SourcePosition(file: file), path: "", message: message)
    }
}
