internal import OTLP
internal import Settings

/// Weights of the parts of the state, bytes: their memory, and that of their records while they are written. They
/// depend only on the state itself, so that a replay after a crash has room for exactly what the run before had.
enum StateWeight {
    static let family = 500
    static let series = 150
    static let stream = 300
    static let identity = 512
    static let tombstone = 48
    /// A further writer of a counter.
    static let writer = 160
    /// A writer, as if all buckets were used: its value, and what it counted before a reset.
    static let exponential = 6_000
    static let exemplar = 150
    /// Of a line, without name and labels: suffix, bound, value.
    static let line = 64

    /// A writer: for each bucket the bound, its value, and what it counted before a reset.
    static func histogram(bounds: Int) -> Int { 300 + 40 * (bounds + 1) }

    static func summary(quantiles: Int) -> Int { 200 + 40 * quantiles }

    static func bytes(_ bytes: [UInt8]) -> Int { bytes.isEmpty ? 0 : 48 + bytes.count }

    static func attributes(_ attributes: [Attribute]) -> Int {
        attributes.reduce(32) { $0 + 16 + bytes($1.key) + value($1.value) }
    }

    private static func value(_ value: AttributeValue) -> Int {
        switch value {
        case .empty: 0
        case .bool, .int, .double: 32
        case .string(let bytes), .bytes(let bytes): 32 + StateWeight.bytes(bytes)
        case .array(let elements): elements.reduce(64) { $0 + 8 + StateWeight.value($1) }
        case .keyValues(let entries): 32 + attributes(entries)
        }
    }
}
