internal import Platform
internal import Storage

/// A small open file of the state directory by which one process passes a message to another; closed when the value is
/// released.
final class ExchangedFile: Sendable {
    /// Its content.
    let bytes: [UInt8]
    private let descriptor: Int32

    private init(_ descriptor: Int32, _ bytes: [UInt8]) {
        self.descriptor = descriptor
        self.bytes = bytes
    }

    deinit { close(descriptor) }

    /// Writes a file atomically, with mode 0600, locked for as long as the value exists.
    /// - Returns: nil if it cannot be written, or exists already; `errno` says why.
    static func write(_ bytes: [UInt8], to path: String) -> ExchangedFile? {
        // A name of this process alone.
        let part = "\(path).part.\(getpid())"
        unlink(part)
        let descriptor = open(part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        let file = ExchangedFile(descriptor, bytes)
        defer { unlink(part) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written, off_t(written))
            }
            guard count > 0 else { return nil }
            written += count
        }
        // Only if the name is free: another request would be lost.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, link(part, path) == 0 else { return nil }
        return file
    }

    /// Reads a file.
    /// - Returns: nil if there is none, or it is too large or of another owner; that one is removed.
    static func read(_ path: String) -> ExchangedFile? {
        guard FileSystem.isThere(path) else { return nil }
        guard let descriptor = try? RegularFile.open(path, O_RDONLY, operation: "read a request") else {
            unlink(path)
            return nil
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_uid == geteuid() || status.st_uid == 0,
            status.st_size <= ForgetRequest.sizeLimit
        else {
            close(descriptor)
            unlink(path)
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        return ExchangedFile(descriptor, Array(bytes.prefix(max(0, count))))
    }

    /// Reads a file and removes it.
    static func take(_ path: String) -> ExchangedFile? {
        guard let file = read(path) else { return nil }
        unlink(path)
        return file
    }

    /// Whether the process that wrote it still waits: it holds the lock.
    var isAwaited: Bool {
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else {
            flock(descriptor, LOCK_UN)
            return false
        }
        return errno == EWOULDBLOCK
    }
}
