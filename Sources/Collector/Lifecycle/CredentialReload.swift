internal import ConfigFile
internal import Credentials
internal import Logging
internal import NIOCore
internal import NIOPosix
private import Synchronization

/// Something that is read anew while the collector runs: connections and requests from then on go by it.
struct CredentialReload: Sendable {
    /// How often files are looked at whose change counts at once. 1 s.
    private static let watchInterval = Duration.seconds(1)

    /// What the log calls it.
    let name: String
    /// How often to do it.
    let interval: Duration
    /// The file whose change it waits for; nil: it is done every time.
    let watched: String?
    /// Reads it; blocks. Tells whether something has changed, throws what is wrong with it now.
    let reload: @Sendable () throws -> Bool

    /// What a `tls` asks for.
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

    /// Does it again and again, never on an event loop.
    /// - Parameter faults: where a file is told that can no longer be used; what was read before goes on to count.
    func start(on eventLoop: any EventLoop, log: Logger, faults: RepeatedFaultLog) -> RepeatedTask {
        let watch = watched.map(FileWatch.init)
        let interval = TimeAmount(interval)
        return eventLoop.scheduleRepeatedAsyncTask(initialDelay: interval, delay: interval) { _ in
            NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
                guard watch?.hasChanged() ?? true else { return }
                do {
                    if try reload() { log.info("credentials read anew", metadata: ["from": "\(name)"]) }
                } catch {
                    faults.error(
                        "credentials cannot be read anew; those from before go on to count",
                        key: "credentials \(name) \(error)", metadata: ["from": "\(name)", "error": "\(error)"])
                }
            }
        }
    }
}

/// Tells when a file has become another one: written, replaced, or pointed to by another link. Thread-safe.
private final class FileWatch: Sendable {
    private let path: String
    private let stamp = Mutex<FileStamp?>(nil)

    init(_ path: String) { self.path = path }

    /// Whether it has since this was asked last; yes when it is asked for the first time, since nobody knows what has
    /// happened between the first reading and that. A file that is not there has not: it is about to be replaced.
    func hasChanged() -> Bool {
        guard let now = FileStamp(of: path) else { return false }
        return stamp.withLock { stamp in
            defer { stamp = now }
            return stamp != now
        }
    }
}
