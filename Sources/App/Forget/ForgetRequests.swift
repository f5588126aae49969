internal import ConfigFile
internal import Forward
internal import Journal
internal import Logging
internal import NIOCore
internal import OTLP
internal import Pipeline
internal import Platform

/// `odometer forget` in the running collector.
struct ForgetRequests: Sendable {
    /// Of the running collector, with the key of labels.
    let config: AppConfig
    let stores: [(name: String, series: SharedSeries)]
    /// Exporters that the state has totals of, but not this collector.
    let otherExporters: [String]
    let state: StateDirectory
    let forward: ForwardExporters
    let directory: String
    let eventLoop: any EventLoop
    let clock: any WallClock
    let log: Logger

    /// A command that waits for a result.
    private struct Waiter: Sendable {
        var request: ForgetRequest
        var file: ExchangedFile
    }

    /// Looks for a request and carries it out. On the event loop on which exports are counted, so nothing happens in
    /// between.
    func take() {
        ForgetRequest.removeOldFiles(in: directory, at: clock.now())
        guard let waiter = awaitedRequest() else { return }
        switch waiter.request.subject {
        case .series(let matchers): forgetSeries(matchers, isConfirmed: waiter.request.isConfirmed, waiter)
        case .exporter(let name): forgetQueue(of: name, isConfirmed: waiter.request.isConfirmed, waiter)
        }
    }

    /// Refuses a request: the collector is stopping. Later requests are carried out without it.
    func refuse() {
        guard let waiter = awaitedRequest() else { return }
        answer("failed", ["the collector is stopping; nothing is removed; try again"], waiter)
    }

    /// Takes a request whose command still waits. Nothing is removed without a command that reports it.
    private func awaitedRequest() -> Waiter? {
        guard let file = ExchangedFile.take(ForgetRequest.requestPath(in: directory)) else { return nil }
        guard let request = ForgetRequest(file.bytes), file.isAwaited, request.expiry >= clock.now() / 1_000_000_000
        else {
            log.warning("a request of odometer forget is ignored: the command has ended")
            return nil
        }
        return Waiter(request: request, file: file)
    }

    private func forgetSeries(_ matchers: [String], isConfirmed: Bool, _ waiter: Waiter) {
        let selection: SeriesSelection
        do throws(SeriesSelection.Fault) {
            selection = try SeriesSelection(matchers)
        } catch {
            return answer("failed", [error.description], waiter)
        }
        let task = ForgetTask(selection: selection, stores: stores)
        let lines = task.lines(at: clock.now())
        let records = RecordForgetting(selection, config).map {
            forward.edit($0.edit(isConfirmed: isConfirmed), on: eventLoop)
        }
        guard isConfirmed else { return answer(lines, nil, records, isConfirmed: false, waiter) }
        let count = task.perform()
        // Not which ones: removed data must not be in a log.
        log.info("series removed by odometer forget", metadata: ["series": "\(count)"])
        state.erase().whenComplete { result in
            guard case .failure(let failure) = result else {
                return answer(lines, nil, records, isConfirmed: true, waiter)
            }
            let reason = "\(count) series are removed from memory, but not yet from the disk: \(failure)"
            answer(lines, reason, records, isConfirmed: true, waiter)
        }
    }

    /// Responds when the queues have been searched as well.
    private func answer(
        _ series: [String], _ failure: String?, _ records: EventLoopFuture<[ForgetReport.Records]>?, isConfirmed: Bool,
        _ waiter: Waiter
    ) {
        guard let records else {
            return answer(
                ForgetReport(series: series, records: nil, unseen: otherExporters, isConfirmed: isConfirmed), failure,
                waiter)
        }
        // Each queue reports its failure in its place.
        records.whenSuccess { records in
            answer(
                ForgetReport(series: series, records: records, unseen: otherExporters, isConfirmed: isConfirmed),
                failure, waiter)
        }
        records.whenFailure { answer("failed", ["the queues cannot be searched: \($0)"], waiter) }
    }

    private func answer(_ report: ForgetReport, _ failure: String?, _ waiter: Waiter) {
        if let failure { answer("failed", [failure], waiter) } else { answer("ok", report.lines, waiter) }
    }

    private func forgetQueue(of exporter: String, isConfirmed: Bool, _ waiter: Waiter) {
        guard !forward.forwarders.contains(where: { $0.name == exporter }) else {
            return answer("failed", [ForgetFailure.configured(exporter).description], waiter)
        }
        do throws(ForgetFailure) {
            let report = try forward.unclaimed.forget(exporter, isConfirmed: isConfirmed)
            if isConfirmed {
                log.info("queue removed by odometer forget", metadata: ["exporter": "\(exporter)"])
            }
            answer("ok", report.lines, waiter)
        } catch {
            answer("failed", [error.description], waiter)
        }
    }

    private func answer(_ status: String, _ lines: [String], _ waiter: Waiter) {
        // A result contains personal data: it must not be left behind when no command takes it.
        guard waiter.file.isAwaited else { return }
        let text = ([status] + lines).joined(separator: "\n")
        if ExchangedFile.write(Array(text.utf8), to: waiter.request.outcomePath(in: directory)) == nil {
            log.warning("the outcome of a forget request cannot be written")
        }
    }
}
