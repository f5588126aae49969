/// Writes the protobuf wire format, also in ways that no encoder uses.
struct ProtobufMessage {
    var bytes: [UInt8] = []

    static func varint(_ value: UInt64) -> [UInt8] {
        var result: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            result.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return result + [UInt8(rest)]
    }

    func tag(_ field: UInt64, _ type: UInt64) -> [UInt8] { Self.varint(field << 3 | type) }

    func bytes(_ field: UInt64, _ content: [UInt8]) -> Self {
        Self(bytes: bytes + tag(field, 2) + Self.varint(UInt64(content.count)) + content)
    }

    func text(_ field: UInt64, _ text: String) -> Self { bytes(field, Array(text.utf8)) }

    func message(_ field: UInt64, _ message: ProtobufMessage) -> Self { bytes(field, message.bytes) }

    func varint(_ field: UInt64, _ value: UInt64) -> Self { Self(bytes: bytes + tag(field, 0) + Self.varint(value)) }

    func fixed64(_ field: UInt64, _ value: UInt64) -> Self {
        Self(bytes: bytes + tag(field, 1) + withUnsafeBytes(of: value.littleEndian) { Array($0) })
    }

    func fixed32(_ field: UInt64, _ value: UInt32) -> Self {
        Self(bytes: bytes + tag(field, 5) + withUnsafeBytes(of: value.littleEndian) { Array($0) })
    }

    func group(_ field: UInt64, _ content: ProtobufMessage) -> Self {
        Self(bytes: bytes + tag(field, 3) + content.bytes + tag(field, 4))
    }

    func raw(_ raw: [UInt8]) -> Self { Self(bytes: bytes + raw) }

    // The messages of OTLP, with the fields that tests need.

    static func keyValue(_ key: String, _ value: String) -> Self {
        Self().text(1, key).message(2, Self().text(1, value))
    }

    static func point(_ value: Int64, attributes: [(String, String)] = []) -> Self {
        attributes.reduce(Self()) { $0.message(7, keyValue($1.0, $1.1)) }
            .fixed64(2, 5).fixed64(3, 10).fixed64(6, UInt64(bitPattern: value))
    }

    static func sum(_ name: String, _ points: [Self], temporality: UInt64 = 2, monotonic: UInt64 = 1) -> Self {
        let data = points.reduce(Self()) { $0.message(1, $1) }.varint(2, temporality).varint(3, monotonic)
        return Self().text(1, name).message(7, data)
    }

    static func export(_ metrics: [Self], resource: Self? = nil, scope: Self? = nil) -> Self {
        let scopeMetrics = metrics.reduce(scope.map { Self().message(1, $0) } ?? Self()) { $0.message(2, $1) }
        let resourceMetrics = (resource.map { Self().message(1, $0) } ?? Self()).message(2, scopeMetrics)
        return Self().message(1, resourceMetrics)
    }
}
