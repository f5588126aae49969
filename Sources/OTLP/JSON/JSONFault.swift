/// Where and why parsing a JSON text failed. Trivial and small, so that throwing it costs nothing.
struct JSONFault: Error, Equatable {
    var reason: Reason
    /// Bytes before the place, counted from the start of the text.
    var offset: Int

    enum Reason: UInt8 {
        case nothing
        case endOfText
        case trailingBytes
        case tooDeep
        case tooLarge
        case expectedValue
        case expectedKey
        case expectedColon
        case expectedCommaOrBrace
        case expectedCommaOrBracket
        case expectedObject
        case expectedArray
        case expectedString
        case expectedBool
        case expectedInteger
        case expectedDouble
        case expectedTemporality
        case literal
        case number
        case controlCharacter
        case escape
        case utf8
        case base64
        case identifier
        case holdsMetrics
        case holdsLogs
        case holdsTraces

        /// The request contains this signal, but was sent as another one.
        static func otherSignal(_ signal: Signal) -> Reason {
            switch signal {
            case .metrics: .holdsMetrics
            case .logs: .holdsLogs
            case .traces: .holdsTraces
            }
        }
    }
}

extension DecodingFailure {
    /// The message for the sender: the place and the rule, never the text itself.
    init(_ fault: JSONFault) {
        switch fault.reason {
        case .tooLarge: self = .tooLarge("decoding this export needs more memory than the limit allows")
        default: self = .malformed("JSON, byte \(fault.offset): \(fault.reason.sentence)")
        }
    }
}

extension JSONFault.Reason {
    var sentence: String {
        switch self {
        case .nothing: "there is no text"
        case .endOfText: "the text ends too early"
        case .trailingBytes: "only white space may follow the end"
        case .tooDeep: "arrays and maps are nested too deep in an attribute or body"
        case .tooLarge: "the memory limit is reached"
        case .expectedValue: "a value is expected"
        case .expectedKey: "a key in double quotes is expected"
        case .expectedColon: "':' is expected"
        case .expectedCommaOrBrace: "',' or '}' is expected"
        case .expectedCommaOrBracket: "',' or ']' is expected"
        case .expectedObject: "an object is expected"
        case .expectedArray: "an array is expected"
        case .expectedString: "a string is expected"
        case .expectedBool: "true or false is expected"
        case .expectedInteger: "an integer within the range of its field is expected, as a number or a string"
        case .expectedDouble: "a number within the range of a double is expected, or a string that holds one"
        case .expectedTemporality: "an aggregation temporality is expected, as an integer or by its full name"
        case .literal: "only true, false and null are words of JSON"
        case .number: "the number is not a valid JSON number"
        case .controlCharacter: "control characters must be escaped in a string"
        case .escape: "the escape sequence is unknown"
        case .utf8: "the text is not valid UTF-8"
        case .base64: "base64 is expected"
        case .identifier: "an identifier of hexadecimal digits with the right length is expected"
        case .holdsMetrics: "this is an export of metrics; send it to the path of metrics, usually /v1/metrics"
        case .holdsLogs: "this is an export of logs; send it to the path of logs, usually /v1/logs"
        case .holdsTraces: "this is an export of traces; send it to the path of traces, usually /v1/traces"
        }
    }
}
