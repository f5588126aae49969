internal import Journal
internal import OTLP

#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// What `odometer forget` asks of a collector that runs: a file in the state directory, which only its owner can read or
/// write. The collector takes it away when it gets `signal`, or at its next checkpoint at the latest, and leaves the
/// outcome in another one. It does so only while the command waits for it, which holds a lock on the file until then.
/// Commands that come meanwhile wait for their turn.
struct ForgetRequest: Sendable, Equatable {
    /// What is to be forgotten.
    enum Subject: Sendable, Equatable {
        /// The series that match, as on the command line.
        case series(matchers: [String])
        /// What waits for an exporter that the configuration does not have any more.
        case exporter(String)
    }

    /// Of this request: its outcome carries it, too.
    var id: String
    /// When nobody waits any more at the latest, seconds since 1970.
    var expiry: UInt64
    /// False: only tell what would go.
    var isConfirmed: Bool
    var subject: Subject

    static let signal = SIGUSR1
    /// How long a command waits for a collector that has much to write, seconds.
    static let patience: UInt64 = 120
    /// Bytes of a request or an outcome.
    static let sizeLimit = 4 << 20

    static func requestPath(in directory: String) -> String { directory + "/forget.request" }

    /// Each request has an outcome of its own: commands do not take each other's.
    func outcomePath(in directory: String) -> String { directory + "/forget.outcome." + id }

    /// Removes what commands have left that are gone: it names people. To be called by the process that holds the
    /// directory.
    static func removeOldFiles(in directory: String, at now: UnixNanoseconds) {
        for name in (try? FileSystem.names(in: directory)) ?? [] where name.hasPrefix("forget.") {
            let path = directory + "/" + name
            guard let written = FileSystem.modificationTime(path) else { continue }
            if UInt64(clamping: written) + patience < now / 1_000_000_000 { unlink(path) }
        }
    }

    /// Parts end with a NUL, which no argument can hold.
    var bytes: [UInt8] {
        let head = [id, "\(expiry)", isConfirmed ? "yes" : "list"]
        let parts =
            switch subject {
            case .series(let matchers): head + ["series"] + matchers
            case .exporter(let name): head + ["exporter", name]
            }
        return parts.flatMap { Array($0.utf8) + [0] }
    }

    init(id: String, expiry: UInt64, isConfirmed: Bool, subject: Subject) {
        self.id = id
        self.expiry = expiry
        self.isConfirmed = isConfirmed
        self.subject = subject
    }

    /// - Returns: nil for bytes that are no request.
    init?(_ bytes: [UInt8]) {
        guard bytes.last == 0 else { return nil }
        let parts = bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard parts.count > 3, let expiry = UInt64(parts[1]), ["yes", "list"].contains(parts[2]) else { return nil }
        id = parts[0]
        self.expiry = expiry
        isConfirmed = parts[2] == "yes"
        switch parts[3] {
        case "series": subject = .series(matchers: Array(parts.dropFirst(4)))
        case "exporter" where parts.count == 5: subject = .exporter(parts[4])
        default: return nil
        }
    }
}
