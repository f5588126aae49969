import Foundation

/// A `google.rpc.Status`, decoded as by a client.
struct StatusBody {
    var code: Int
    var message: String
    /// The type URLs of the details.
    var details: [String]

    /// Nil if the body is not a status in the encoding of its Content-Type.
    init?(_ response: RawResponse) {
        switch response["content-type"] {
        case "application/json": self.init(json: response.body)
        case "application/x-protobuf", "application/protobuf": self.init(protobuf: response.body)
        default: return nil
        }
    }

    private init?(json: [UInt8]) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(json)) as? [String: Any],
            let code = object["code"] as? Int, let message = object["message"] as? String
        else { return nil }
        self.code = code
        self.message = message
        details = (object["details"] as? [[String: Any]] ?? []).compactMap { $0["@type"] as? String }
    }

    private init?(protobuf: [UInt8]) {
        guard let fields = ProtobufFields(protobuf) else { return nil }
        code = fields.numbers[1] ?? 0
        message = String(decoding: fields.texts[2]?.first ?? [], as: UTF8.self)
        details = (fields.texts[3] ?? []).compactMap { any in
            ProtobufFields(any)?.texts[1]?.first.map { String(decoding: $0, as: UTF8.self) }
        }
    }
}

/// The fields of one protobuf message: varints and length-delimited ones, which responses use.
struct ProtobufFields {
    var numbers: [Int: Int] = [:]
    var texts: [Int: [[UInt8]]] = [:]

    /// Nil if the bytes are not such a message.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let tag = Self.varint(&rest), let number = Self.varint(&rest) else { return nil }
            switch tag & 7 {
            case 0: numbers[tag >> 3] = number
            case 2:
                guard number <= rest.count else { return nil }
                texts[tag >> 3, default: []].append(Array(rest.prefix(number)))
                rest = rest.dropFirst(number)
            default: return nil
            }
        }
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> Int? {
        var value = 0
        var shift = 0
        while let byte = rest.popFirst(), shift < 56 {
            value |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
