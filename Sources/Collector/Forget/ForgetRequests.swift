internal import Logging
internal import NIOCore
internal import OTLP

/// The running collector's side of `odometer forget`.
struct ForgetRequests: Sendable {
    let stores: [(name: String, series: SharedSeries)]
    let state: StateDirectory
    let directory: String
    let clock: any WallClock
    let log: Logger

    /// Lines of an outcome; the rest is only counted.
    private static let lineLimit = 10_000

    /// Looks for a request and does what it asks for. On the event loop on which exports are counted: nothing comes in
    /// between.
    func take() {
        guard let bytes = ExchangedFile.take(ForgetRequest.requestPath(in: directory)) else { return }
        guard let request = ForgetRequest(bytes) else { return answer("failed", ["the request cannot be read"]) }
        let task: ForgetTask
        do throws(SeriesSelection.Fault) {
            task = ForgetTask(selection: try SeriesSelection(request.matchers), stores: stores)
        } catch {
            return answer("failed", [error.description])
        }
        let lines = task.lines(at: clock.now())
        var shown = Array(lines.prefix(Self.lineLimit))
        if lines.count > shown.count { shown.append("... and \(lines.count - shown.count) more") }
        guard request.isConfirmed else { return answer("ok \(lines.count)", shown) }
        let count = task.perform()
        // Not which ones: what is forgotten must not stand in a log.
        log.info("series are forgotten on request", metadata: ["series": "\(count)"])
        let done = shown
        state.erase().whenComplete { result in
            switch result {
            case .success: answer("ok \(count)", done)
            case .failure(let failure):
                answer("failed", ["\(count) series are removed from memory, but not yet from the disk: \(failure)"])
            }
        }
    }

    private func answer(_ status: String, _ lines: [String]) {
        let text = ([status] + lines).joined(separator: "\n")
        if !ExchangedFile.write(Array(text.utf8), to: ForgetRequest.outcomePath(in: directory)) {
            log.warning("the outcome of a forget request cannot be written")
        }
    }
}
