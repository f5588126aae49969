internal import ConfigFile
internal import Forward
internal import Journal
internal import Logging
internal import NIOCore
internal import OTLP

/// The running collector's side of `odometer forget`.
struct ForgetRequests: Sendable {
    /// Of the collector that runs, labels' secret included.
    let config: CollectorConfig
    let stores: [(name: String, series: SharedSeries)]
    /// Exporters that the state has totals of, and this collector does not.
    let otherExporters: [String]
    let state: StateDirectory
    let forward: ForwardExporters
    let directory: String
    let eventLoop: any EventLoop
    let clock: any WallClock
    let log: Logger

    /// Looks for a request and does what it asks for. On the event loop on which exports are counted: nothing comes in
    /// between.
    func take() {
        guard let bytes = ExchangedFile.take(ForgetRequest.requestPath(in: directory)) else { return }
        guard let request = ForgetRequest(bytes) else { return answer("failed", ["the request cannot be read"]) }
        switch request.subject {
        case .series(let matchers): forgetSeries(matchers, isConfirmed: request.isConfirmed)
        case .exporter(let name): forgetQueue(of: name, isConfirmed: request.isConfirmed)
        }
    }

    private func forgetSeries(_ matchers: [String], isConfirmed: Bool) {
        let selection: SeriesSelection
        do throws(SeriesSelection.Fault) {
            selection = try SeriesSelection(matchers)
        } catch {
            return answer("failed", [error.description])
        }
        let task = ForgetTask(selection: selection, stores: stores)
        let lines = task.lines(at: clock.now())
        let records = RecordForgetting(selection, config).map {
            forward.edit($0.edit(isConfirmed: isConfirmed), on: eventLoop)
        }
        guard isConfirmed else { return answer(lines, nil, records, isConfirmed: false) }
        let count = task.perform()
        // Not which ones: what is forgotten must not stand in a log.
        log.info("series are forgotten on request", metadata: ["series": "\(count)"])
        state.erase().whenComplete { result in
            guard case .failure(let failure) = result else {
                return answer(lines, nil, records, isConfirmed: true)
            }
            let reason = "\(count) series are removed from memory, but not yet from the disk: \(failure)"
            answer(lines, reason, records, isConfirmed: true)
        }
    }

    /// Answers when the queues have been looked through as well.
    private func answer(
        _ series: [String], _ failure: String?, _ records: EventLoopFuture<[ForgetReport.Records]>?, isConfirmed: Bool
    ) {
        guard let records else {
            return answer(
                ForgetReport(series: series, records: nil, unseen: otherExporters, isConfirmed: isConfirmed), failure)
        }
        // Each queue tells its failure in its place.
        records.whenSuccess { records in
            answer(
                ForgetReport(series: series, records: records, unseen: otherExporters, isConfirmed: isConfirmed),
                failure)
        }
        records.whenFailure { answer("failed", ["the queues cannot be looked through: \($0)"]) }
    }

    private func answer(_ report: ForgetReport, _ failure: String?) {
        if let failure { answer("failed", [failure]) } else { answer("ok", report.lines) }
    }

    private func forgetQueue(of exporter: String, isConfirmed: Bool) {
        guard !forward.forwarders.contains(where: { $0.name == exporter }) else {
            return answer("failed", [ForgetFailure.configured(exporter).description])
        }
        do throws(ForgetFailure) {
            let report = try forward.unclaimed.forget(exporter, isConfirmed: isConfirmed)
            if isConfirmed {
                log.info("what waited for an exporter is removed on request", metadata: ["exporter": "\(exporter)"])
            }
            answer("ok", report.lines)
        } catch {
            answer("failed", [error.description])
        }
    }

    private func answer(_ status: String, _ lines: [String]) {
        let text = ([status] + lines).joined(separator: "\n")
        if !ExchangedFile.write(Array(text.utf8), to: ForgetRequest.outcomePath(in: directory)) {
            log.warning("the outcome of a forget request cannot be written")
        }
    }
}
