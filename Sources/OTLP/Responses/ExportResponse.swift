internal import Bytes

/// The body of a 200: `ExportMetricsServiceResponse` and those of the other signals.
package struct ExportResponse: Equatable, Sendable {
    package var signal: Signal
    /// Data points, log records or spans that were rejected (R-HTTP-07).
    package var rejectedCount: Int
    /// Why, in English. Not empty with 0 rejected: a warning (R-HTTP-08).
    package var message: String

    /// Cuts the message to `messageLimit` bytes. Without rejections and without a message `partial_success` stays unset
    /// (R-HTTP-06).
    package init(
        signal: Signal, rejectedCount: Int = 0, message: String = "", messageLimit: Int = ResponseText.defaultLimit
    ) {
        self.signal = signal
        self.rejectedCount = rejectedCount
        self.message = ResponseText.bounded(message, bytes: messageLimit)
    }

    /// The encoded message: for full success empty as protobuf, `{}` as JSON (R-HTTP-05).
    package func encoded(as encoding: WireEncoding) -> [UInt8] {
        switch encoding {
        case .protobuf: protobuf()
        case .json: json()
        }
    }

    private var isFull: Bool { rejectedCount == 0 && message.isEmpty }

    /// The JSON name of the count; on the wire it is field 1 for every signal.
    private var countName: String {
        switch signal {
        case .metrics: "rejectedDataPoints"
        case .logs: "rejectedLogRecords"
        case .traces: "rejectedSpans"
        }
    }

    private func json() -> [UInt8] {
        if isFull { return Array("{}".utf8) }
        var text = JSONResponseText()
        text.append(#"{"partialSuccess":{"#)
        if rejectedCount != 0 {
            // 64-bit integers are strings in JSON (R-JSON-05).
            text.append("\"\(countName)\":\"\(rejectedCount)\"")
            if !message.isEmpty { text.append(",") }
        }
        if !message.isEmpty {
            text.append(#""errorMessage":"#)
            text.append(quoted: message)
        }
        text.append("}}")
        return text.bytes
    }

    /// Field 1 is `partial_success`; fields that are 0 or empty are not written.
    private func protobuf() -> [UInt8] {
        if isFull { return [] }
        var response = WireWriter()
        response.field(1) { partial in
            if rejectedCount != 0 { partial.field(1, varint: UInt64(bitPattern: Int64(rejectedCount))) }
            if !message.isEmpty { partial.field(2, message) }
        }
        return response.bytes
    }
}
