/// What became of one attempt to send an export.
package enum SendOutcome: Sendable, Equatable {
    /// The other side has it; of its records it rejected so many, and says why.
    case delivered(rejected: Int, message: String)
    /// The other side stored the export but for so many of its records, which it will never take; nil: nobody knows how
    /// many.
    case partlyStored(dropped: Int?, Refusal)
    /// The other side will never take it.
    case refused(Refusal)
    /// The other side takes no export of this size; it may take one with fewer records.
    case tooLarge(Refusal)
    /// Not now.
    case failed(SendFailure)
}

/// Why a destination will never take an export as it is.
package struct Refusal: Sendable, Equatable {
    /// What makes refusals of one destination the same kind, such as `HTTP 400`.
    package var kind: String
    /// What the destination says, on one line of bounded length.
    package var text: String

    package init(_ kind: String, _ text: String) {
        self.kind = kind
        self.text = text
    }

    /// - Parameter message: what the destination says besides; may be empty.
    package init(_ kind: String, saying message: String = "") {
        self.init(kind, message.isEmpty ? kind : "\(kind): \(message)")
    }
}

/// Why an attempt failed that may succeed later.
package struct SendFailure: Sendable, Equatable {
    /// On one line of bounded length.
    package var reason: String
    /// For how long the destination asks to be left alone; nil: it does not ask.
    package var retryAfter: Duration?
    /// Whether nothing was sent, since there was no connection: then no other export fares better.
    package var isUnreachable: Bool

    package init(_ reason: String, retryAfter: Duration? = nil, isUnreachable: Bool = false) {
        self.reason = reason
        self.retryAfter = retryAfter
        self.isUnreachable = isUnreachable
    }
}

extension SendOutcome {
    /// See `SendFailure`.
    package static func failed(_ reason: String, retryAfter: Duration? = nil) -> SendOutcome {
        .failed(SendFailure(reason, retryAfter: retryAfter))
    }
}

/// The way to one destination. One export at a time.
package protocol ExportTransport: Sendable {
    /// Sends one export and waits for the answer, within a time of its own. Never throws: what goes wrong is an outcome.
    func send(_ export: ForwardedExport) async -> SendOutcome

    /// Ends what is open; an attempt that waits ends with a failure.
    func close() async
}
