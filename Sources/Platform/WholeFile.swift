/// Reads files that users name.
package enum WholeFile {
    /// Why a file cannot be read.
    package enum Fault: Error {
        /// The path is empty, or its NUL would name another file.
        case noName
        case isDirectory
        case isTooLong
        /// What the system says, in a few words.
        case unreadable(String)

        fileprivate init(systemError: Int32) {
            switch systemError {
            case ENOENT, ENOTDIR: self = .unreadable("no such file")
            case EACCES, EPERM: self = .unreadable("permission denied; the program must be allowed to read it")
            default: self = .unreadable(String(cString: strerror(systemError)))
            }
        }
    }

    /// The bytes of a file, at most `limit` of them. Pipes are read to their end: this blocks.
    /// - Parameter flags: for open(2), in addition.
    package static func bytes(of path: String, limit: Int, flags: Int32 = 0) throws(Fault) -> [UInt8] {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw .noName }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | flags)
        guard descriptor >= 0 else { throw Fault(systemError: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Fault(systemError: errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw .isDirectory }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Fault(systemError: errno) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw .isTooLong }
        }
    }

    /// The first bytes of a file of the system, as in /proc; nil if it cannot be read.
    static func start(of path: String, count: Int) -> ArraySlice<UInt8>? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: count)
        let length = read(file, &text, text.count)
        return length > 0 ? text[..<length] : nil
    }
}
