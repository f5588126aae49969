internal import ConfigFile
internal import Forward
internal import Journal
internal import Logging
internal import NIOCore
internal import OTLP
internal import Pipeline
internal import Settings

/// The exporters that forward, from their configuration to shutdown.
struct ForwardExporters: Sendable {
    private let exporters: [(config: ForwardConfig, forwarder: Forwarder)]
    /// Queues on disk without a configured exporter.
    let unclaimed: UnclaimedQueues
    private let log: Logger

    /// Opens the queues; nothing is sent yet. Blocks on the disk.
    /// - Parameters:
    ///   - protection: of the same configuration.
    ///   - directory: of the queues; nil: they are kept in memory.
    ///   - group: serves the connections.
    /// - Throws: when a queue that may hold acknowledged exports cannot be used.
    init(
        _ config: AppConfig, protection: ForwardProtection, in directory: String?, now: OTLP.UnixNanoseconds,
        on group: any EventLoopGroup,
        log: Logger, faults: RepeatedFaultLog
    ) throws(StateFailure) {
        self.log = log
        let observer = ForwardLog(log: log, faults: faults)
        var exporters: [(config: ForwardConfig, forwarder: Forwarder)] = []
        for exporter in config.forward {
            let path = directory.map { "\($0)/\(QueueSettings.fileName(ofExporter: exporter.name))" }
            let (queue, findings) = ExportQueue.open(
                QueueSettings(exporter.queue, path: path, syncInterval: config.state.syncInterval), now: now)
            do throws(StateFailure) {
                for finding in findings { try observer.tell(finding, exporter: exporter.name) }
            } catch {
                queue.close()
                for (_, forwarder) in exporters { forwarder.close() }
                throw error
            }
            if queue.depth.exports > 0 {
                log.info(
                    "exports of the last run are queued",
                    metadata: ["exporter": "\(exporter.name)", "exports": "\(queue.depth.exports)"])
            }
            let forwarder = Forwarder(
                name: exporter.name, queue: queue, retry: exporter.retry, forward: config.forwarding,
                transports: exporter.transports(on: group, protection: protection), observer: observer)
            exporters.append((exporter, forwarder))
        }
        self.exporters = exporters
        unclaimed = UnclaimedQueues(
            directory.map { UnclaimedQueue.all(in: $0, besides: config.forward.map(\.name)) } ?? [])
        reportUnclaimedQueues()
        if directory == nil, !exporters.isEmpty {
            log.warning("queues are in memory only and lost at the end of the program: no state directory")
        }
    }

    /// All of them, in the order of the configuration.
    var forwarders: [Forwarder] { exporters.map(\.forwarder) }

    /// The exporters of a receiver's signal.
    func outputs(of receiver: String, _ signal: OTLP.Signal) -> [ForwardOutput] {
        exporters.flatMap { config, forwarder in
            config.inputs.filter { $0.receiver == receiver && $0.signal.rawValue == signal.rawValue }.map { input in
                ForwardOutput(forwarder: forwarder, processors: input.processors)
            }
        }
    }

    func start() {
        for (_, forwarder) in exporters { forwarder.start() }
    }

    /// Sends queued exports, for at most this time, and closes the queues.
    func drain(within limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            for (_, forwarder) in exporters {
                group.addTask {
                    let left = await forwarder.drain(within: limit)
                    guard left.exports > 0 else { return }
                    let metadata: Logger.Metadata = [
                        "exporter": "\(forwarder.name)", "exports": "\(left.exports)", "records": "\(left.records)",
                    ]
                    if forwarder.settings.path == nil {
                        log.error("exports are lost: they were not delivered before the end", metadata: metadata)
                    } else {
                        log.info("undelivered exports stay on disk until the next start", metadata: metadata)
                    }
                }
            }
        }
    }

    /// Ends the threads of the queues. Blocks on the disk: not on an event loop.
    func close() {
        for (_, forwarder) in exporters { forwarder.close() }
    }

    private func reportUnclaimedQueues() {
        for queue in unclaimed.all {
            let waiting: Logger.Metadata =
                if let depth = queue.depth {
                    ["exports": "\(depth.exports)", "records": "\(depth.records)", "bytes": "\(depth.bytes)"]
                } else {
                    ["reason": "the file cannot be read"]
                }
            let metadata: Logger.Metadata = ["exporter": "\(queue.exporter)", "path": "\(queue.path)"]
            log.warning(
                """
                exports are queued for an exporter that no pipeline has; they are kept until one has it again, or \
                `odometer forget --exporter` removes them
                """, metadata: metadata.merging(waiting) { first, _ in first })
        }
    }
}
