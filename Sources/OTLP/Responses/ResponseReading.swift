internal import Bytes
internal import Settings

extension ExportResponse {
    /// Decodes a server's response to an export. Nil if it is malformed; then it is only known that the server accepted
    /// the export.
    /// - Parameter bytes: read only during the call.
    package init?(reading bytes: UnsafeRawBufferPointer, as encoding: WireEncoding, of signal: Signal) {
        self.init(signal: signal)
        do {
            switch encoding {
            case .protobuf: try readProtobuf(bytes)
            case .json: try readJSON(bytes)
            }
        } catch {
            return nil
        }
        // A server may send any number.
        rejectedCount = max(0, rejectedCount)
        message = ResponseText.bounded(message, bytes: ResponseText.defaultLimit)
    }

    private mutating func readProtobuf(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) {
        var response = WireScanner(bytes)
        while let field = try response.nextField() {
            guard field == WireField(number: 1, type: .lengthDelimited) else {
                try response.skip(field, depth: 8)
                continue
            }
            var partial = WireScanner(try response.bytes())
            while let field = try partial.nextField() {
                switch (field.number, field.type) {
                case (1, .varint): rejectedCount = Int(truncatingIfNeeded: try partial.varint())
                case (2, .lengthDelimited): message = String(decoding: try partial.string(), as: UTF8.self)
                default: try partial.skip(field, depth: 8)
                }
            }
        }
    }

    private mutating func readJSON(_ bytes: UnsafeRawBufferPointer) throws(JSONFault) {
        guard bytes.contains(where: { $0 > UInt8(ascii: " ") }) else { return }
        var json = try JSONScanner(bytes, limits: DecodingLimits())
        guard try json.openObject() else { return }
        while try json.nextMember() {
            let key = try json.tokens.string().unescaped()
            try json.passColon()
            guard key.elementsEqual("partialSuccess".utf8), try json.openObject() else {
                try json.skipValue()
                continue
            }
            while try json.nextMember() {
                let key = try json.tokens.string().unescaped()
                try json.passColon()
                if key.elementsEqual("errorMessage".utf8) {
                    message = String(decoding: try json.tokens.stringOrNull()?.unescaped() ?? [], as: UTF8.self)
                } else if key.starts(with: "rejected".utf8) {
                    rejectedCount = Int(try json.tokens.integer(as: Int64.self) ?? 0)
                } else {
                    try json.skipValue()
                }
            }
        }
    }
}

extension RPCStatus {
    /// The message of a `google.rpc.Status` in protobuf and the seconds of its `RetryInfo`, if it has one; nil when it is
    /// malformed.
    /// - Parameter bytes: read only during the call.
    package init?(reading bytes: UnsafeRawBufferPointer) {
        self.init(code: .unavailable, message: "")
        do throws(DecodingFailure) {
            var status = WireScanner(bytes)
            while let field = try status.nextField() {
                switch (field.number, field.type) {
                case (2, .lengthDelimited): message = String(decoding: try status.bytes(), as: UTF8.self)
                case (3, .lengthDelimited): try readDetail(try status.bytes())
                default: try status.skip(field, depth: 8)
                }
            }
        } catch {
            return nil
        }
        message = ResponseText.bounded(message, bytes: ResponseText.defaultLimit)
    }

    /// A `google.protobuf.Any`.
    private mutating func readDetail(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) {
        var detail = WireScanner(bytes)
        var url = ""
        var value = UnsafeRawBufferPointer(start: nil, count: 0)
        while let field = try detail.nextField() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited): url = String(decoding: try detail.bytes(), as: UTF8.self)
            case (2, .lengthDelimited): value = try detail.bytes()
            default: try detail.skip(field, depth: 8)
            }
        }
        guard url == Self.retryInfoURL else { return }
        var info = WireScanner(value)
        while let field = try info.nextField() {
            guard field == WireField(number: 1, type: .lengthDelimited) else {
                try info.skip(field, depth: 8)
                continue
            }
            var delay = WireScanner(try info.bytes())
            var seconds = 0
            while let field = try delay.nextField() {
                if field == WireField(number: 1, type: .varint) {
                    seconds = Int(truncatingIfNeeded: try delay.varint())
                } else {
                    try delay.skip(field, depth: 8)
                }
            }
            // Part of a second counts as a whole one; at most a day.
            retryDelaySeconds = min(max(1, seconds), 86_400)
        }
    }
}

extension RPCStatus {
    /// The message of a `google.rpc.Status`, in any encoding, also if its end is missing; nil if the bytes are not a
    /// status, or it has no message.
    /// - Parameter bytes: read only during the call.
    package static func message(in bytes: UnsafeRawBufferPointer) -> String? {
        guard let text = bytes.first == UInt8(ascii: "{") ? jsonMessage(bytes) : protobufMessage(bytes), !text.isEmpty
        else { return nil }
        return text
    }

    private static func protobufMessage(_ bytes: UnsafeRawBufferPointer) -> String? {
        // The fields of a status; no text begins with such a byte.
        guard let first = bytes.first, [0x08, 0x12, 0x1A].contains(first), let base = bytes.baseAddress else {
            return nil
        }
        let end = base.assumingMemoryBound(to: UInt8.self) + bytes.count
        var status = WireScanner(bytes)
        do throws(DecodingFailure) {
            while let field = try status.nextField() {
                guard field == WireField(number: 2, type: .lengthDelimited) else {
                    try status.skip(field, depth: 8)
                    continue
                }
                let length = Int(clamping: try status.varint())
                let content = UnsafeBufferPointer(start: status.position, count: min(length, end - status.position))
                return String(decoding: content, as: UTF8.self)
            }
            return nil
        } catch {
            return nil
        }
    }

    private static func jsonMessage(_ bytes: UnsafeRawBufferPointer) -> String? {
        do throws(JSONFault) {
            var json = try JSONScanner(bytes, limits: DecodingLimits())
            guard try json.openObject() else { return nil }
            while try json.nextMember() {
                let key = try json.tokens.string().unescaped()
                try json.passColon()
                // The names that servers other than OTLP's use.
                let isMessage = key.elementsEqual("message".utf8) || key.elementsEqual("error".utf8)
                guard isMessage, json.tokens.peekToken() == UInt8(ascii: "\"") else {
                    try json.skipValue()
                    continue
                }
                return String(decoding: try json.tokens.string().unescaped(), as: UTF8.self)
            }
            return nil
        } catch {
            return nil
        }
    }
}

extension RPCStatus {
    /// The same, as in `grpc-status-details-bin`.
    package init?(readingBase64 text: String) {
        guard !text.isEmpty, let bytes = Array(text.utf8).withUnsafeBufferPointer({ Base64.bytes(ofAnyForm: $0) })
        else {
            return nil
        }
        guard let status = bytes.withUnsafeBytes({ RPCStatus(reading: $0) }) else { return nil }
        self = status
    }
}
