internal import Forward
internal import Logging
internal import NIOCore
internal import OTLP

/// The running collector's side of `odometer forget`.
struct ForgetRequests: Sendable {
    let stores: [(name: String, series: SharedSeries)]
    let state: StateDirectory
    let forward: ForwardExporters
    let directory: String
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
        let task: ForgetTask
        do throws(SeriesSelection.Fault) {
            task = ForgetTask(selection: try SeriesSelection(matchers), stores: stores)
        } catch {
            return answer("failed", [error.description])
        }
        let report = ForgetReport(series: task.lines(at: clock.now()), isConfirmed: isConfirmed)
        guard isConfirmed else { return answer("ok", report.lines) }
        let count = task.perform()
        // Not which ones: what is forgotten must not stand in a log.
        log.info("series are forgotten on request", metadata: ["series": "\(count)"])
        state.erase().whenComplete { result in
            switch result {
            case .success: answer("ok", report.lines)
            case .failure(let failure):
                answer("failed", ["\(count) series are removed from memory, but not yet from the disk: \(failure)"])
            }
        }
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
