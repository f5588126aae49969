internal import Settings

/// Detects an export that was sent to the path of another signal. There it would be an empty or meaningless export.
package enum OtherSignal {
    /// The message for the sender; nil if the export may be one of this signal.
    /// - Parameter body: read only during the call, and only as far as necessary.
    package static func refusal(
        of body: UnsafeRawBufferPointer, sentAs signal: Signal, _ encoding: WireEncoding
    ) -> DecodingFailure? {
        switch encoding {
        case .protobuf: protobufRefusal(of: body, sentAs: signal)
        case .json: jsonRefusal(of: body, sentAs: signal)
        }
    }

    private static func jsonRefusal(of body: UnsafeRawBufferPointer, sentAs signal: Signal) -> DecodingFailure? {
        var contents = RequestContents(of: signal)
        do throws(JSONFault) {
            var json = try JSONScanner(body, limits: DecodingLimits())
            guard json.tokens.peekToken() == UInt8(ascii: "{"), try json.openObject() else { return nil }
            while let key = try json.nextKey() {
                if key.signal == signal { return nil }
                contents.note(key, json)
                try json.skipValue()
            }
        } catch {
            return nil
        }
        do throws(JSONFault) {
            try contents.check()
            return nil
        } catch {
            return DecodingFailure(error)
        }
    }

    /// In protobuf the envelopes of all signals look the same; the first item of the first scope does not.
    static func protobufRefusal(of body: UnsafeRawBufferPointer, sentAs signal: Signal) -> DecodingFailure? {
        guard let item = first(2, in: first(2, in: first(1, in: body))), !begins(item, as: signal),
            let found = self.signal(of: item), found != signal
        else { return nil }
        return .malformed("protobuf: " + JSONFault.Reason.otherSignal(found).sentence)
    }

    /// The first field of this number in a message.
    private static func first(_ number: UInt32, in message: UnsafeRawBufferPointer?) -> UnsafeRawBufferPointer? {
        guard let message else { return nil }
        do throws(DecodingFailure) {
            var scanner = WireScanner(message)
            while let field = try scanner.nextField() {
                if field == WireField(number: number, type: .lengthDelimited) { return try scanner.bytes() }
                try scanner.skip(field, depth: 1)
            }
        } catch {
            return nil
        }
        return nil
    }

    /// Whether the first field of an item belongs to this signal and to no other, as in nearly all exports.
    private static func begins(_ item: UnsafeRawBufferPointer, as signal: Signal) -> Bool {
        var scanner = WireScanner(item)
        do throws(DecodingFailure) {
            guard let field = try scanner.nextField(), field.number == 1 else { return false }
            switch (signal, field.type) {
            case (.metrics, .lengthDelimited): return try scanner.bytes().count != traceIDBytes
            case (.traces, .lengthDelimited):
                guard try scanner.bytes().count == traceIDBytes else { return false }
                return try isSpanID(&scanner)
            case (.logs, .fixed64): return times.contains(try scanner.fixed64())
            default: return false
            }
        } catch {
            return false
        }
    }

    private static func isSpanID(_ scanner: inout WireScanner) throws(DecodingFailure) -> Bool {
        guard let field = try scanner.nextField(), field == WireField(number: 2, type: .lengthDelimited) else {
            return false
        }
        return try scanner.bytes().count == spanIDBytes
    }

    private static let traceIDBytes = 16
    private static let spanIDBytes = 8

    /// Nanoseconds of Unix time that clients send, from 1973 to 2096. Other bytes rarely have such values.
    private static let times: Range<UInt64> = 100_000_000_000_000_000..<4_000_000_000_000_000_000

    /// The signal by the wire types of its fields: a `LogRecord` has its times in fields 1 and 11, a `Span` in 7 and 8,
    /// and a `Metric` a name, and one message with points. Nil: unclear.
    private static func signal(of item: UnsafeRawBufferPointer) -> Signal? {
        var found: Signal?
        var lengths: (first: Int?, second: Int?) = (nil, nil)
        var (hasMetricData, hasNumber) = (false, false)
        var data: (count: Int, last: UnsafeRawBufferPointer?) = (0, nil)
        do throws(DecodingFailure) {
            var scanner = WireScanner(item)
            while let field = try scanner.nextField() {
                switch (field.number, field.type) {
                case (1, .fixed64), (7, .fixed64), (8, .fixed64), (11, .fixed64):
                    let signal: Signal = field.number == 7 || field.number == 8 ? .traces : .logs
                    guard times.contains(try scanner.fixed64()), found ?? signal == signal else { return nil }
                    found = signal
                case (1, .lengthDelimited): lengths.first = try scanner.bytes().count
                case (2, .lengthDelimited): lengths.second = try scanner.bytes().count
                case (5, .lengthDelimited), (9, .lengthDelimited), (10, .lengthDelimited):
                    data = (data.count + 1, try scanner.bytes())
                case (7, .lengthDelimited), (11, .lengthDelimited):
                    data = (data.count + 1, try scanner.bytes())
                    hasMetricData = true
                case (_, .lengthDelimited): _ = try scanner.bytes()
                default:
                    try scanner.skip(field, depth: 1)
                    hasNumber = true
                }
            }
        } catch {
            return nil
        }
        switch found {
        case .logs: return lengths.first == nil && !hasMetricData ? .logs : nil
        case .traces: return .traces
        case .metrics, nil: break
        }
        guard let first = lengths.first, !hasNumber, first != traceIDBytes || lengths.second != spanIDBytes else {
            return nil
        }
        guard data.count == 1, let last = data.last, isMetricData(last) else { return nil }
        return .metrics
    }

    /// Whether a message begins like the data of a metric: with a point, its temporality, or whether it is monotonic.
    /// Names, attributes and events of a span do not.
    private static func isMetricData(_ message: UnsafeRawBufferPointer) -> Bool {
        do throws(DecodingFailure) {
            var scanner = WireScanner(message)
            guard let field = try scanner.nextField() else { return false }
            switch (field.number, field.type) {
            case (1, .lengthDelimited): return try isPoint(scanner.bytes())
            case (2, .varint), (3, .varint): return try scanner.varint() <= 2
            default: return false
            }
        } catch {
            return false
        }
    }

    /// Whether a message may be a data point: it has a time, a value or a count in 64 bits.
    private static func isPoint(_ message: UnsafeRawBufferPointer) throws(DecodingFailure) -> Bool {
        var scanner = WireScanner(message)
        var hasNumber = false
        while let field = try scanner.nextField() {
            if field.type == .fixed64, 2...7 ~= field.number { hasNumber = true }
            try scanner.skip(field, depth: 1)
        }
        return hasNumber
    }
}
