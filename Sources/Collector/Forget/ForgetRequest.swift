#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// What `odometer forget` asks of a collector that runs: a file in the state directory, which only its owner can read or
/// write. The collector takes it away when it gets `signal`, or at its next checkpoint at the latest, and leaves the
/// outcome in another one.
struct ForgetRequest: Sendable, Equatable {
    /// What is to be forgotten.
    enum Subject: Sendable, Equatable {
        /// The series that match, as on the command line.
        case series(matchers: [String])
        /// What waits for an exporter that the configuration does not have any more.
        case exporter(String)
    }

    /// False: only tell what would go.
    var isConfirmed: Bool
    var subject: Subject

    static let signal = SIGUSR1
    /// Bytes of a request or an outcome.
    static let sizeLimit = 4 << 20

    static func requestPath(in directory: String) -> String { directory + "/forget.request" }

    static func outcomePath(in directory: String) -> String { directory + "/forget.outcome" }

    /// Parts end with a NUL, which no argument can hold.
    var bytes: [UInt8] {
        let mode = isConfirmed ? "yes" : "list"
        let parts =
            switch subject {
            case .series(let matchers): [mode, "series"] + matchers
            case .exporter(let name): [mode, "exporter", name]
            }
        return parts.flatMap { Array($0.utf8) + [0] }
    }

    init(isConfirmed: Bool, subject: Subject) {
        self.isConfirmed = isConfirmed
        self.subject = subject
    }

    /// - Returns: nil for bytes that are no request.
    init?(_ bytes: [UInt8]) {
        guard bytes.last == 0 else { return nil }
        let parts = bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard parts.count > 1, ["yes", "list"].contains(parts[0]) else { return nil }
        isConfirmed = parts[0] == "yes"
        switch parts[1] {
        case "series": subject = .series(matchers: Array(parts.dropFirst(2)))
        case "exporter" where parts.count == 3: subject = .exporter(parts[2])
        default: return nil
        }
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
