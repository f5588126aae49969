/// The result of one attempt to send an export.
package enum SendOutcome: Sendable, Equatable {
    /// The destination took it and rejected this many of its records, with a reason.
    case delivered(rejected: Int, message: String)
    /// The destination stored the export except for this many of its records, which it will never take; nil: the number
    /// is unknown.
    case partlyStored(dropped: Int?, Refusal)
    /// The destination refuses it finally.
    case refused(Refusal)
    /// The destination refuses its size; it may take an export with fewer records.
    case tooLarge(Refusal)
    /// A temporary failure.
    case failed(SendFailure)
}

/// Why a destination refuses an export finally.
package struct Refusal: Sendable, Equatable {
    /// Identifies refusals of the same kind, such as `HTTP 400`.
    package var kind: String
    /// The destination's message, on one line of bounded length.
    package var text: String

    package init(_ kind: String, _ text: String) {
        self.kind = kind
        self.text = text
    }

    /// - Parameter message: the destination's message; may be empty.
    package init(_ kind: String, saying message: String = "") {
        self.init(kind, message.isEmpty ? kind : "\(kind): \(message)")
    }
}

/// Why an attempt failed, if it may succeed later.
package struct SendFailure: Sendable, Equatable {
    /// On one line of bounded length.
    package var reason: String
    /// How long the destination asks to wait; nil: it does not say.
    package var retryAfter: Duration?
    /// Whether nothing was sent, since there was no connection: then no other export would succeed.
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

/// The transport to one destination. One export at a time.
package protocol ExportTransport: Sendable {
    /// Sends one export and waits for the response, with its own timeout. Never throws: failures are outcomes.
    func send(_ export: ForwardedExport) async -> SendOutcome

    /// Closes connections; an attempt that waits ends with a failure.
    func close() async
}
