internal import ConfigFile
internal import Exposition
internal import Forward
internal import NIOCore
internal import NIOPosix
internal import OTLP
internal import Settings
internal import Storage

/// Finds and removes the matching records in queues.
struct RecordForgetting: Sendable {
    private let selection: SeriesSelection
    private let limits: DecodingLimits
    /// The label policies of pages, each once.
    private let policies: [LabelPolicy]

    /// - Returns: nil if the matchers name metrics, which records do not have.
    init?(_ selection: SeriesSelection, _ config: AppConfig) {
        guard !selection.asksForNames else { return nil }
        self.selection = selection
        limits = config.limits.decoding
        var policies = [LabelPolicy()]
        for exporter in config.prometheus {
            let policy = TranslationSettings(exporter, of: config).labelPolicy
            if !policies.contains(policy) { policies.append(policy) }
        }
        self.policies = policies
    }

    /// - Parameter isConfirmed: false: only counts.
    func edit(isConfirmed: Bool) -> QueueEdit {
        QueueEdit(isConfirmed: isConfirmed) { export in outcome(of: export) }
    }

    private func outcome(of export: ForwardedExport) -> QueueEdit.Outcome {
        let result = export.body.withUnsafeReadableBytes { bytes in
            Result { () throws(DecodingFailure) in
                try RecordRemoval.rest(
                    of: bytes, as: export.encoding, export.signal, limits: limits, without: isMeant)
            }
        }
        switch result {
        case .failure: return .unreadable
        case .success(nil): return .unchanged
        case .success(let rest?):
            var left = export
            left.records = export.records - rest.removed
            guard left.records > 0 else { return .without(rest.removed, rest: nil) }
            left.body = ByteBuffer(bytes: rest.body)
            left.encoding = .protobuf
            return .without(rest.removed, rest: left)
        }
    }

    private func isMeant(_ resource: [Attribute], _ record: [Attribute]) -> Bool {
        policies.contains { policy in
            let labels = RecordLabels(resource: resource, record: record, policy: policy)
            return selection.matches(labels.value)
        }
    }
}

extension ForwardExporters {
    /// Removes records from all queues, unclaimed ones included, or counts them.
    func edit(
        _ edit: QueueEdit, on eventLoop: any EventLoop
    ) -> EventLoopFuture<[(exporter: String, result: Result<QueueEdit.Report, StorageFailure>)]> {
        typealias Outcome = (exporter: String, result: Result<QueueEdit.Report, StorageFailure>)
        let own = forwarders.map { forwarder in
            let promise = eventLoop.makePromise(of: Outcome.self)
            forwarder.edit(edit) { promise.succeed((forwarder.name, $0)) }
            return promise.futureResult
        }
        let unclaimed = unclaimed
        let others = NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { unclaimed.edit(edit) }
        return EventLoopFuture.whenAllSucceed(own, on: eventLoop).and(others).map { $0 + $1 }
    }
}
