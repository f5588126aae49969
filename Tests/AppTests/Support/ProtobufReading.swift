/// The fields of one protobuf message, as needed for the answers of the program.
struct ProtobufFields {
    enum Value: Equatable {
        case varint(UInt64)
        case bytes([UInt8])
        case fixed([UInt8])
    }

    private(set) var fields: [(number: Int, value: Value)] = []

    /// Nil if the bytes are not a message.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let tag = Self.varint(&rest), tag >> 3 > 0, tag >> 3 < 1 << 29 else { return nil }
            let value: Value
            switch tag & 7 {
            case 0:
                guard let number = Self.varint(&rest) else { return nil }
                value = .varint(number)
            case 1, 5:
                let size = tag & 7 == 1 ? 8 : 4
                guard rest.count >= size else { return nil }
                value = .fixed(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            case 2:
                guard let length = Self.varint(&rest), length <= UInt64(rest.count) else { return nil }
                value = .bytes(Array(rest.prefix(Int(length))))
                rest = rest.dropFirst(Int(length))
            default: return nil
            }
            fields.append((Int(tag >> 3), value))
        }
    }

    func varint(_ number: Int) -> UInt64? {
        guard case .varint(let value) = last(number) else { return nil }
        return value
    }

    func bytes(_ number: Int) -> [UInt8]? {
        guard case .bytes(let value) = last(number) else { return nil }
        return value
    }

    func text(_ number: Int) -> String? {
        bytes(number).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// All values of a repeated string or message field.
    func all(_ number: Int) -> [[UInt8]] {
        fields.compactMap { field in
            guard field.number == number, case .bytes(let value) = field.value else { return nil }
            return value
        }
    }

    /// All values of a repeated varint field, packed or not; nil if a packed one is broken.
    func varints(_ number: Int) -> [UInt64]? {
        var result: [UInt64] = []
        for field in fields where field.number == number {
            switch field.value {
            case .varint(let value): result.append(value)
            case .bytes(let packed):
                var rest = packed[...]
                while !rest.isEmpty {
                    guard let value = Self.varint(&rest) else { return nil }
                    result.append(value)
                }
            case .fixed: return nil
            }
        }
        return result
    }

    func double(_ number: Int) -> Double? {
        guard case .fixed(let value) = last(number), value.count == 8 else { return nil }
        return Double(bitPattern: value.reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }

    func message(_ number: Int) -> ProtobufFields? {
        bytes(number).flatMap(ProtobufFields.init)
    }

    /// The length-delimited messages of a stream; nil if it is invalid.
    static func delimited(_ bytes: [UInt8]) -> [ProtobufFields]? {
        var rest = bytes[...]
        var messages: [ProtobufFields] = []
        while !rest.isEmpty {
            guard let length = varint(&rest), length <= UInt64(rest.count),
                let message = ProtobufFields(Array(rest.prefix(Int(length))))
            else { return nil }
            messages.append(message)
            rest = rest.dropFirst(Int(length))
        }
        return messages
    }

    private func last(_ number: Int) -> Value? { fields.last { $0.number == number }?.value }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        return nil
    }
}
