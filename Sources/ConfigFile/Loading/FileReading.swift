#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// Reads configuration files with POSIX calls.
enum FileReading {
    /// The bytes of a file, at most `limit` of them. Pipes such as `/dev/stdin` are read to their end.
    static func bytes(of file: String, limit: Int) throws(ConfigFinding) -> [UInt8] {
        // A path with a NUL would name another file.
        guard !file.utf8.contains(0), !file.isEmpty else {
            throw finding(file, "no file name")
        }
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw finding(file, opening: errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw finding(file, opening: errno)
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw finding(file, "is a directory; name a file")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR {
                continue
            }
            guard count >= 0 else {
                throw finding(file, opening: errno)
            }
            if count == 0 {
                return bytes
            }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw finding(file, "longer than \(limit) bytes, the limit for a configuration")
            }
        }
    }

    /// Whether a file exists; it need not be readable.
    static func exists(_ file: String) -> Bool {
        !file.isEmpty && access(file, F_OK) == 0
    }

    private static func finding(_ file: String, opening error: Int32) -> ConfigFinding {
        let reason =
            switch error {
            case ENOENT, ENOTDIR: "no such file"
            case EACCES, EPERM: "permission denied"
            default: String(cString: strerror(error))
            }
        return finding(file, "cannot be read: \(reason)")
    }

    private static func finding(_ file: String, _ message: String) -> ConfigFinding {
        ConfigFinding(position: SourcePosition(file: file), path: "", message: message)
    }
}
