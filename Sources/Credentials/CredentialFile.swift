private import Platform

/// Reads files with credentials: certificates, keys, tokens, passwords.
package enum CredentialFile {
    /// Bytes of one such file. A bundle of certificate authorities has 250 KB. Default 4 MiB.
    package static let bytesLimit = 4 << 20

    /// The bytes of a file, at most `limit` of them. Blocks until they are read.
    /// - Throws: why it cannot be used, in a clause without a full stop; never the content.
    package static func bytes(
        of path: String, limit: Int = bytesLimit
    ) throws(CredentialFault) -> [UInt8] {
        let bytes: [UInt8]
        do throws(WholeFile.Fault) {
            // A named pipe without a writer would block the start for ever.
            bytes = try WholeFile.bytes(of: path, limit: limit, flags: O_NONBLOCK)
        } catch {
            switch error {
            case .noName: throw CredentialFault("names no file")
            case .isDirectory: throw CredentialFault("\(path) is a directory; name a file")
            case .isTooLong: throw CredentialFault("\(path) has more than \(limit) bytes")
            case .unreadable(let reason): throw CredentialFault("\(path) cannot be read: \(reason)")
            }
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

    package var description: String { message }
}
