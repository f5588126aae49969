internal import Logging
internal import OTLP
internal import Pipeline
internal import Receiver
internal import Series
internal import Server

/// Receives all failures and rejections: counts them, and logs each kind once.
final class AppObserver: ForwardSinkObserver {
    private let own: OwnMetrics
    let faults: RepeatedFaultLog

    init(own: OwnMetrics, log: Logger) {
        self.own = own
        faults = RepeatedFaultLog(log)
    }

    func responded(status: Int, listener: String) { own.countResponse(status: status, listener: listener) }

    func answered(_ code: CallCode, listener: String) { own.countCall(code, listener: listener) }

    func refusedConnection(_ fault: ConnectionFault, listener: String) {
        own.countRefusedConnection(fault, listener: listener)
        faults.warning(
            "connection refused: \(fault.explanation)", key: "connection \(listener) \(fault.explanation)",
            metadata: ["listener": "\(listener)"])
    }

    func evicted(_ reason: EvictionReason, listener: String) {
        own.countClosedConnection(reason, listener: listener)
        let text =
            switch reason {
            case .connectionLimit:
                "max_connections is reached; those that wait longest for their client are closed"
            case .sourceLimit: "one source has more than max_connections_per_source"
            case .slowReader: "a reader is too slow (max_page_readers, page_timeout)"
            }
        faults.warning(
            "connections are closed: \(text)", key: "closed \(listener) \(reason.rawValue)",
            metadata: ["listener": "\(listener)", "reason": "\(reason.rawValue)"])
    }

    /// - Parameter isOfExport: whether it was sent to a receiver.
    func refused(_ refusal: Refusal, listener: String, isOfExport: Bool) {
        if isOfExport { own.countRefusedExport(refusal.reason) }
        // The same failure with another number is the same kind, and clients do not choose kinds.
        let kind = refusal.reason.hasFixedExplanations ? refusal.explanation.filter { !$0.isNumber } : ""
        faults.warning(
            "request refused: \(refusal.explanation)", key: "refused \(listener) \(refusal.reason.rawValue) \(kind)",
            metadata: ["listener": "\(listener)", "reason": "\(refusal.reason.rawValue)"])
    }

    func faulted(_ error: any Error, listener: String) {
        faults.error(
            "internal error", key: "fault \(listener)", metadata: ["listener": "\(listener)", "error": "\(error)"])
    }

    func counted(_ outcome: ExportOutcome) {
        if outcome.mendedCounts > 0 {
            let metric = outcome.firstMendedMetric ?? ""
            faults.warning(
                "histogram points have a count that differs from their buckets: the buckets are counted",
                key: "mended \(metric)",
                metadata: ["metric": "\(metric)", "count": "\(outcome.mendedCounts)"])
        }
        if !outcome.cuts.isEmpty { reportCuts(outcome.cuts) }
    }

    private func reportCuts(_ cuts: LabelCuts) {
        if let name = cuts.firstValueOf {
            let label = String(decoding: name.prefix(200), as: UTF8.self)
            faults.warning(
                "label values are cut to odometer.limits.max_label_value_length", key: "label cut \(label)",
                metadata: ["label": "\(label)"])
        }
        if let name = cuts.firstLabel {
            let label = String(decoding: name.prefix(200), as: UTF8.self)
            faults.warning(
                "labels beyond odometer.limits.max_labels are left out", key: "label left out \(label)",
                metadata: ["label": "\(label)"])
        }
    }

    func rejectedPoints(_ outcome: ExportOutcome) {
        let metric = outcome.firstRejectedMetric ?? ""
        for (reason, count) in outcome.rejected {
            faults.warning(
                "data points rejected: \(reason.explanation)", key: "rejected \(reason.rawValue) \(metric)",
                metadata: ["reason": "\(reason.rawValue)", "metric": "\(metric)", "count": "\(count)"])
        }
    }

    func refusedExport(_ failure: DecodingFailure) {
        switch failure {
        case .malformed(let text):
            own.countRefusedExport(.malformed)
            // The same failure at another byte is the same kind.
            let kind = text.filter { !$0.isNumber }
            faults.warning("export refused", key: "malformed \(kind)", metadata: ["reason": "\(text)"])
        case .tooLarge(let text):
            own.countRefusedExport(.tooLarge)
            faults.warning("export refused", key: "too large", metadata: ["reason": "\(text)"])
        }
    }

    func leftOut(_ losses: DecodingLosses, of signal: OTLP.Signal) {
        own.countLosses(losses)
        // The same failure at another byte is the same kind.
        let kind = losses.reason.filter { !$0.isNumber }
        faults.warning(
            "parts of an export left out", key: "left out \(signal.rawValue) \(kind)",
            metadata: ["signal": "\(signal.rawValue)", "reason": "\(losses.explanation)"])
    }

    /// Metrics were counted, but these exporters do not forward them.
    func notForwarded(_ reason: @autoclosure () -> String, exporters: [String]) {
        for exporter in exporters {
            faults.warning(
                "metrics are counted but not forwarded", key: "not forwarded \(exporter)",
                metadata: ["exporter": "\(exporter)", "reason": "\(reason())"])
        }
    }

    /// Logs how often each failure was repeated; for the end of the program.
    func logRepetitions() { faults.logRepetitions() }

    func scraped(in duration: Duration) { own.countScrape(duration) }
}

/// Telemetry of one metrics page.
struct PageTelemetry: ScrapeObserver {
    /// Its listener.
    let listener: String
    let observer: AppObserver

    func scraped(in duration: Duration) { observer.scraped(in: duration) }

    func cutReader() { observer.evicted(.slowReader, listener: listener) }
}

/// Telemetry of one listener, by its role.
struct ListenerTelemetry: ListenerObserver {
    enum Role {
        /// Takes exports.
        case receiver
        /// Shows metrics.
        case page
        /// Reports health. Probes come every few seconds and are not counted as traffic: only failures are logged.
        case health
    }

    let role: Role
    let observer: AppObserver

    func responded(status: Int, listener: String) {
        if role != .health { observer.responded(status: status, listener: listener) }
    }

    func answered(_ code: CallCode, listener: String) { observer.answered(code, listener: listener) }

    func refusedConnection(_ fault: ConnectionFault, listener: String) {
        observer.refusedConnection(fault, listener: listener)
    }

    func evicted(_ reason: EvictionReason, listener: String) { observer.evicted(reason, listener: listener) }

    func refused(_ refusal: Refusal, listener: String) {
        observer.refused(refusal, listener: listener, isOfExport: role == .receiver)
    }

    func faulted(_ error: any Error, listener: String) { observer.faulted(error, listener: listener) }
}

extension AppObserver {
    /// The telemetry of a metrics page.
    func page(_ listener: String) -> PageTelemetry { PageTelemetry(listener: listener, observer: self) }

    /// The telemetry of a listener.
    func telemetry(of role: ListenerTelemetry.Role) -> ListenerTelemetry {
        ListenerTelemetry(role: role, observer: self)
    }
}
