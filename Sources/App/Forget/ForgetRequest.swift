internal import OTLP
internal import Platform
internal import Storage

/// A request of `odometer forget` to a running collector: a file in the state directory, which only its owner can read
/// or write. The collector takes it when it gets `signal`, or at its next checkpoint at the latest, and writes the
/// result to another file. It does so only while the command waits for it and holds a lock on the file. Other commands
/// wait for their turn.
struct ForgetRequest: Sendable, Equatable {
    /// What to remove.
    enum Subject: Sendable, Equatable {
        /// The series that match, as on the command line.
        case series(matchers: [String])
        /// The queue of an exporter that is no longer configured.
        case exporter(String)
    }

    /// Id of this request, also used for its result.
    var id: String
    /// When the command stops waiting at the latest, seconds since 1970.
    var expiry: UInt64
    /// False: only report what would be removed.
    var isConfirmed: Bool
    var subject: Subject

    static let signal = SIGUSR1
    /// How long a command waits for a busy collector, seconds.
    static let patience: UInt64 = 120
    /// Bytes of a request or an outcome.
    static let sizeLimit = 4 << 20

    static func requestPath(in directory: String) -> String { directory + "/forget.request" }

    /// Each request has its own result, so that commands do not take each other's.
    func outcomePath(in directory: String) -> String { directory + "/forget.outcome." + id }

    /// Removes files that ended commands have left: they contain personal data. To be called by the process that holds
    /// the directory.
    static func removeOldFiles(in directory: String, at now: UnixNanoseconds) {
        for name in (try? FileSystem.names(in: directory)) ?? [] where name.hasPrefix("forget.") {
            let path = directory + "/" + name
            guard let written = FileSystem.modificationTime(path) else { continue }
            if UInt64(clamping: written) + patience < now / 1_000_000_000 { unlink(path) }
        }
    }

    /// Parts end with NUL, which no argument can contain.
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

    /// - Returns: nil if the bytes are not a request.
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
