/// A part of an export that is lost alone if it cannot be decoded: the rest of the export is accepted
/// (docs/decisions/0019).
package enum ExportPart: UInt8, Sendable, CaseIterable {
    /// An attribute of a resource, a scope, a metric, a point, an exemplar, a record or a span; also any other value in
    /// place of a list of attributes.
    case attribute
    case exemplar
    /// The trace or span id of an exemplar, a record or a span.
    case identifier
    /// A field that counting does not need: a schema URL, a scope's name, a minimum, the time of a log record.
    case field
    /// A log record or span.
    case record
    case point
    /// A metric whose name, unit, type or temporality cannot be decoded. Its points are counted in addition, as far as
    /// possible.
    case metric

    /// As in the `part` label of `odometer_left_out_parts_total`.
    package var name: String {
        switch self {
        case .attribute: "attribute"
        case .exemplar: "exemplar"
        case .identifier: "identifier"
        case .field: "field"
        case .record: "record"
        case .point: "point"
        case .metric: "metric"
        }
    }
}

/// How many parts of each kind were left out.
struct LossCounts: Equatable, Sendable {
    private var counts = SIMD8<UInt64>()

    var isEmpty: Bool { counts == SIMD8() }

    subscript(part: ExportPart) -> UInt64 {
        get { counts[Int(part.rawValue)] }
        set { counts[Int(part.rawValue)] = newValue }
    }

    mutating func add(_ other: LossCounts) { counts &+= other.counts }
}

/// The parts of an export that could not be decoded and were left out, while the rest was accepted.
package struct DecodingLosses: Equatable, Sendable {
    private var counts = LossCounts()
    /// Where and why the first part was lost, in English, without any value; empty if nothing was.
    package private(set) var reason = ""

    /// Nothing was lost.
    package init() {}

    init(_ counts: LossCounts, reason: String) {
        self.counts = counts
        self.reason = reason
    }

    /// Whether nothing was lost.
    package var isEmpty: Bool { counts.isEmpty }

    /// How many parts of a kind were lost.
    package subscript(part: ExportPart) -> Int { Int(counts[part]) }

    mutating func note(_ part: ExportPart, _ failure: DecodingFailure, count: Int = 1) {
        guard count > 0 else { return }
        counts[part] &+= UInt64(count)
        if reason.isEmpty { reason = failure.text }
    }

    /// Notes that a part of the export is lost.
    /// - Throws: `failure` if it costs more than the part.
    @inline(never)
    mutating func leaveOut(_ part: ExportPart, _ failure: DecodingFailure) throws(DecodingFailure) {
        guard failure.isOfPart else { throw failure }
        note(part, failure)
    }

    /// Adds further losses.
    package mutating func add(_ other: DecodingLosses) {
        guard !other.isEmpty else { return }
        counts.add(other.counts)
        if reason.isEmpty { reason = other.reason }
    }

    /// The message for the sender: how many of each kind, except points, and the first reason.
    package var explanation: String {
        let parts = ExportPart.allCases.filter { $0 != .point && self[$0] > 0 }.map {
            "\(self[$0]) \($0.name)\(self[$0] == 1 ? "" : "s")"
        }
        let list = parts.isEmpty ? "" : "left out: \(parts.joined(separator: ", ")); "
        return "\(list)first reason: \(reason)"
    }
}

extension DecodingFailure {
    static let notText = DecodingFailure.malformed("protobuf: a string is not valid UTF-8")
    static let tooDeep = DecodingFailure.malformed("protobuf: arrays, maps or groups are nested too deep")

    /// Whether only the part is lost. Invalid UTF-8 has its own rules (docs/decisions/0005), and an export that exceeds
    /// a limit is refused as a whole.
    var isOfPart: Bool {
        switch self {
        case .tooLarge: false
        case .malformed: self != .notText
        }
    }

    /// The message for the sender.
    package var text: String {
        switch self {
        case .malformed(let text), .tooLarge(let text): text
        }
    }
}
