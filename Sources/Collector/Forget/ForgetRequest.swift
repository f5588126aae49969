#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// What `odometer forget` asks of a collector that runs: a file in the state directory, which only its owner can read or
/// write. The collector takes it away when it gets `signal`, or at its next checkpoint at the latest, and leaves the
/// outcome in another one.
struct ForgetRequest: Sendable, Equatable {
    /// False: only tell what would go.
    var isConfirmed: Bool
    /// As on the command line.
    var matchers: [String]

    static let signal = SIGUSR1
    /// Bytes of a request or an outcome.
    static let sizeLimit = 4 << 20

    static func requestPath(in directory: String) -> String { directory + "/forget.request" }

    static func outcomePath(in directory: String) -> String { directory + "/forget.outcome" }

    /// Parts end with a NUL, which no argument can hold.
    var bytes: [UInt8] {
        ([isConfirmed ? "yes" : "list"] + matchers).flatMap { Array($0.utf8) + [0] }
    }

    init(isConfirmed: Bool, matchers: [String]) {
        self.isConfirmed = isConfirmed
        self.matchers = matchers
    }

    /// - Returns: nil for bytes that are no request.
    init?(_ bytes: [UInt8]) {
        guard bytes.last == 0 else { return nil }
        let parts = bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard let mode = parts.first, mode == "yes" || mode == "list" else { return nil }
        self.init(isConfirmed: mode == "yes", matchers: Array(parts.dropFirst()))
    }
}

/// Small files of the state directory that two processes hand to each other.
enum ExchangedFile {
    /// Writes a file that appears whole, with mode 0600.
    /// - Returns: false when it cannot be written; `errno` says why.
    static func write(_ bytes: [UInt8], to path: String) -> Bool {
        let part = path + ".part"
        unlink(part)
        let file = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                writeBytes(file, buffer.baseAddress?.advanced(by: written), bytes.count - written)
            }
            guard count > 0 else { break }
            written += count
        }
        close(file)
        guard written == bytes.count, rename(part, path) == 0 else {
            unlink(part)
            return false
        }
        return true
    }

    /// Reads a file and removes it.
    /// - Returns: nil when there is none, or it is too large or not ours; that one is removed as well.
    static func take(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        unlink(path)
        var status = stat()
        guard fstat(file, &status) == 0, status.st_uid == geteuid() || status.st_uid == 0,
            status.st_size <= ForgetRequest.sizeLimit
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
        guard count == bytes.count else { return nil }
        return bytes
    }
}

/// `write(2)`, under a name that no method hides.
private let writeBytes = write
