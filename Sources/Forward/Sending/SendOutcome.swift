/// What became of one attempt to send an export.
package enum SendOutcome: Sendable, Equatable {
    /// The other side has it; of its records it rejected so many, and says why.
    case delivered(rejected: Int, message: String)
    /// The other side will never take it.
    case refused(String)
    /// Not now: the other side cannot be reached, or says so. `retryAfter` is the time it asks for.
    case failed(String, retryAfter: Duration?)
}

/// The way to one destination. One export at a time.
package protocol ExportTransport: Sendable {
    /// Sends one export and waits for the answer, within a time of its own. Never throws: what goes wrong is an outcome.
    func send(_ export: ForwardedExport) async -> SendOutcome

    /// Ends what is open; an attempt that waits ends with a failure.
    func close() async
}
