internal import ConfigFile
internal import Credentials
internal import Logging
internal import NIOCore
internal import NIOPosix
private import Synchronization

/// Something that is reloaded while the collector runs, for new connections and requests.
struct CredentialReload: Sendable {
    /// How often files are checked whose changes apply at once. 1 s.
    private static let watchInterval = Duration.seconds(1)

    /// Its name in the log.
    let name: String
    /// How often to reload.
    let interval: Duration
    /// The file whose changes it waits for; nil: it reloads every time.
    let watched: String?
    /// Reloads; blocks. Returns whether something has changed, throws what is wrong.
    let reload: @Sendable () throws -> Bool

    /// The reloads of a `tls`.
    static func all(of config: TLSConfig, _ source: TLSContextSource) -> [CredentialReload] {
        var reloads: [CredentialReload] = []
        if let interval = config.reloadInterval {
            reloads.append(
                CredentialReload(name: config.path, interval: interval, watched: nil) {
                    try source.reload(identity: true, trusted: false)
                })
        }
        if config.reloadsTrusted, case .file(let path)? = config.trusted?.content {
            reloads.append(
                CredentialReload(name: path, interval: watchInterval, watched: path) {
                    try source.reload(identity: false, trusted: true)
                })
        }
        return reloads
    }

    static func tokens(_ tokens: BearerTokens, file: String) -> CredentialReload {
        CredentialReload(name: file, interval: watchInterval, watched: file) { try tokens.reload() }
    }

    /// Reloads repeatedly, never on an event loop.
    /// - Parameter faults: reports a file that can no longer be used; the old content stays in use.
    func start(on eventLoop: any EventLoop, log: Logger, faults: RepeatedFaultLog) -> RepeatedTask {
        let watch = watched.map(FileWatch.init)
        let interval = TimeAmount(interval)
        return eventLoop.scheduleRepeatedAsyncTask(initialDelay: interval, delay: interval) { _ in
            NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
                guard watch?.hasChanged() ?? true else { return }
                do {
                    if try reload() { log.info("credentials reloaded", metadata: ["from": "\(name)"]) }
                } catch {
                    faults.error(
                        "credentials cannot be reloaded; the old ones stay in effect",
                        key: "credentials \(name) \(error)", metadata: ["from": "\(name)", "error": "\(error)"])
                }
            }
        }
    }
}

/// Detects that a file was written, replaced, or that a link points elsewhere. Thread-safe.
private final class FileWatch: Sendable {
    private let path: String
    private let stamp = Mutex<FileStamp?>(nil)

    init(_ path: String) { self.path = path }

    /// Whether it has changed since the last call; true for the first call, since it may have changed after the first
    /// reading. A missing file has not changed: it is about to be replaced.
    func hasChanged() -> Bool {
        guard let now = FileStamp(of: path) else { return false }
        return stamp.withLock { stamp in
            defer { stamp = now }
            return stamp != now
        }
    }
}
