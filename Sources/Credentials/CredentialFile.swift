#if canImport(Glibc)
private import Glibc
#elseif canImport(Musl)
private import Musl
#else
private import Darwin
#endif

/// Reads files with credentials: certificates, keys, tokens, passwords.
package enum CredentialFile {
    /// Bytes of one such file. A bundle of certificate authorities has 250 KB. Default 4 MiB.
    package static let bytesLimit = 4 << 20

    /// The bytes of a file, at most `limit` of them. Blocks until they are read.
    /// - Throws: why it cannot be used, in a clause without a full stop; never the content.
    package static func bytes(
        of path: String, limit: Int = bytesLimit
    ) throws(CredentialFault) -> [UInt8] {
        // A path with a NUL would name another file.
        guard !path.isEmpty, !path.utf8.contains(0) else { throw CredentialFault("names no file") }
        // A named pipe without a writer would block the start for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw CredentialFault(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw CredentialFault(path, errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw CredentialFault("\(path) is a directory; name a file")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CredentialFault(path, errno) }
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw CredentialFault("\(path) has more than \(limit) bytes") }
        }
        guard !bytes.isEmpty else { throw CredentialFault("\(path) is empty") }
        return bytes
    }
}

/// Why a certificate, key or list of secrets cannot be used. It never contains the secret.
package struct CredentialFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// A clause without a full stop.
    package let message: String

    package init(_ message: String) { self.message = message }

    /// The system's error for a file.
    fileprivate init(_ path: String, _ error: Int32) {
        let reason =
            switch error {
            case ENOENT, ENOTDIR: "no such file"
            case EACCES, EPERM: "permission denied"
            default: String(cString: strerror(error))
            }
        self.init("\(path) cannot be read: \(reason)")
    }

    package var description: String { message }
}
