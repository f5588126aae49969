package import Forward
package import NIOCore
package import OTLP
package import Receiver
internal import Server
package import Settings
internal import Synchronization

/// An exporter of a signal, and the processors before it.
package struct ForwardOutput: Sendable {
    let forwarder: Forwarder
    let processors: [AttributeProcessor]

    package init(forwarder: Forwarder, processors: [AttributeProcessor]) {
        self.forwarder = forwarder
        self.processors = processors
    }
}

/// Takes exports that are only forwarded:
///
///     memory    -> 503             while the memory_limiter refuses
///     body      -> RecordCount     a malformed body is refused
///     body      -> processors      resource and attributes, if the pipeline has any
///     body      -> ExportQueue     on disk for every exporter, or refused
///
/// If one of several exporters refuses, the whole export is refused: the client retries, so the others may get it
/// twice.
package struct ForwardSink: ExportSink {
    let signal: OTLP.Signal
    let outputs: [ForwardOutput]
    let limits: DecodingLimits
    /// Nil: never refuses.
    let memory: MemoryGuard?
    let observer: any ForwardSinkObserver

    package init(
        signal: OTLP.Signal, outputs: [ForwardOutput], limits: DecodingLimits, memory: MemoryGuard?,
        observer: any ForwardSinkObserver
    ) {
        self.signal = signal
        self.outputs = outputs
        self.limits = limits
        self.memory = memory
        self.observer = observer
    }

    /// See `ExportSink`.
    package func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer {
        if let memory, memory.isRefusing { return .now(.failure(memory.refusal())) }
        return ForwardedExports.make(of: body, as: encoding, signal, for: outputs, limits: limits, on: eventLoop)
            .flatMap { forward($0, on: eventLoop) }
    }

    private func forward(
        _ result: Result<ForwardedExports, DecodingFailure>, on eventLoop: any EventLoop
    ) -> IngestAnswer {
        let made: ForwardedExports
        switch result {
        case .success(let exports): made = exports
        case .failure(let failure):
            observer.refusedExport(failure)
            return .now(.failure(IngestFailure(failure)))
        }
        guard !made.exports.isEmpty else { return .now(.success(.full)) }
        let answer = ForwardAnswer(count: made.exports.count, promise: eventLoop.makePromise())
        for (output, export) in zip(outputs, made.exports) { output.forwarder.take(export) { answer.settle($0) } }
        guard !made.losses.isEmpty else { return .later(answer.promise.futureResult) }
        observer.leftOut(made.losses, of: signal)
        let told = PartialSuccess(leftOut: made.losses)
        return .later(answer.promise.futureResult.map { $0.map { _ in told } })
    }
}

/// Takes metrics that are counted and forwarded: what was counted is forwarded as received. An exporter that cannot
/// take it does not affect counting; what it misses is counted and logged.
package struct CountAndForwardSink: ExportSink {
    /// Counts.
    let next: any ExportSink
    let outputs: [ForwardOutput]
    let limits: DecodingLimits
    let observer: any ForwardSinkObserver

    package init(
        next: any ExportSink, outputs: [ForwardOutput], limits: DecodingLimits, observer: any ForwardSinkObserver
    ) {
        self.next = next
        self.outputs = outputs
        self.limits = limits
        self.observer = observer
    }

    /// See `ExportSink`.
    package func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer {
        next.ingest(body, as: encoding, on: eventLoop)
            .flatMap { forward(body, encoding, after: $0, on: eventLoop) }
    }

    private func forward(
        _ body: ByteBuffer, _ encoding: WireEncoding, after result: Result<PartialSuccess, IngestFailure>,
        on eventLoop: any EventLoop
    ) -> IngestAnswer {
        guard case .success = result else { return .now(result) }
        return ForwardedExports.make(of: body, as: encoding, .metrics, for: outputs, limits: limits, on: eventLoop)
            .flatMap { forward($0, after: result, on: eventLoop) }
    }

    private func forward(
        _ made: Result<ForwardedExports, DecodingFailure>, after result: Result<PartialSuccess, IngestFailure>,
        on eventLoop: any EventLoop
    ) -> IngestAnswer {
        let exports: [ForwardedExport]
        switch made {
        // Losses were already reported when it was counted.
        case .success(let made): exports = made.exports
        case .failure(let failure):
            observer.notForwarded("\(failure)", exporters: outputs.map(\.forwarder.name))
            return .now(result)
        }
        guard !exports.isEmpty else { return .now(result) }
        let answer = ForwardAnswer(count: exports.count, promise: eventLoop.makePromise())
        for (output, export) in zip(outputs, exports) {
            output.forwarder.take(export) { settled in
                if let failure = IngestFailure(settled) {
                    observer.notForwarded("\(failure)", exporters: [output.forwarder.name])
                }
                answer.settle(settled)
            }
        }
        return .later(answer.promise.futureResult.map { _ in result })
    }
}

/// Receives what was not counted, and what was not forwarded.
package protocol ForwardSinkObserver: IngestObserver {
    /// Metrics were counted, but these exporters do not forward them.
    func notForwarded(_ reason: @autoclosure () -> String, exporters: [String])
}

/// Waits for the results of all exporters.
private final class ForwardAnswer: Sendable {
    let promise: EventLoopPromise<Result<PartialSuccess, IngestFailure>>
    private let state: Mutex<(waiting: Int, failure: IngestFailure?)>

    init(count: Int, promise: EventLoopPromise<Result<PartialSuccess, IngestFailure>>) {
        self.promise = promise
        state = Mutex((count, nil))
    }

    func settle(_ answer: QueueAnswer) {
        let result = state.withLock { state -> Result<PartialSuccess, IngestFailure>? in
            state.waiting -= 1
            state.failure = state.failure ?? IngestFailure(answer)
            guard state.waiting == 0 else { return nil }
            return state.failure.map { .failure($0) } ?? .success(.full)
        }
        if let result { promise.succeed(result) }
    }
}

extension IngestFailure {
    /// Nil: it was queued.
    fileprivate init?(_ answer: QueueAnswer) {
        switch answer {
        case .queued: return nil
        case .full:
            self = .unavailable("the sending queue is full (sending_queue)", retryAfterSeconds: 10)
        case .failed: self = .unavailable("the export cannot be written to disk", retryAfterSeconds: 30)
        case .closed: self = .unavailable("the collector is stopping", retryAfterSeconds: 5)
        }
    }
}

/// The versions of an export for several exporters; empty if it has no records.
private struct ForwardedExports: Sendable {
    /// In the order of the exporters.
    var exports: [ForwardedExport] = []
    /// Parts that no exporter gets because they cannot be decoded; with several exporters, those of one.
    var losses = DecodingLosses()

    /// Creates them; for a long export outside the event loop.
    static func make(
        of body: ByteBuffer, as encoding: WireEncoding, _ signal: OTLP.Signal, for outputs: [ForwardOutput],
        limits: DecodingLimits, on eventLoop: any EventLoop
    ) -> Answer<Result<ForwardedExports, DecodingFailure>> {
        LongWork.run(on: body, for: eventLoop) {
            Result { () throws(DecodingFailure) in
                try ForwardedExports(of: body, as: encoding, signal, for: outputs, limits: limits)
            }
        }
    }

    private init(
        of body: ByteBuffer, as encoding: WireEncoding, _ signal: OTLP.Signal, for outputs: [ForwardOutput],
        limits: DecodingLimits
    ) throws(DecodingFailure) {
        let counted = body.withUnsafeReadableBytes { bytes in
            Result { () throws(DecodingFailure) in
                try RecordCount(bytes, of: signal, as: encoding, limits: limits).records
            }
        }
        let records = try counted.get()
        guard records > 0 else { return }
        for output in outputs {
            let plain = ForwardedExport(signal: signal, encoding: encoding, records: records, body: body)
            var lost = DecodingLosses()
            exports.append(try plain.processed(by: output.processors, limits: limits, losses: &lost))
            if losses.isEmpty { losses = lost }
        }
    }
}
