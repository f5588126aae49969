import OTLP
import Series

@testable import Exposition

/// The parts of a metric that determine names and types.
enum Instrument: CaseIterable, Sendable {
    case gauge
    case counter
    case upDownCounter
}

extension MetricIdentity {
    init(_ name: String, unit: String = "", _ instrument: Instrument = .gauge) {
        self.init(
            name: Array(name.utf8), unit: Array(unit.utf8),
            kind: instrument == .gauge ? .gauge : .sum,
            temporality: instrument == .gauge ? .unspecified : .delta,
            isMonotonic: instrument == .counter)
    }
}

extension AttributeValue {
    static func text(_ string: String) -> AttributeValue { .string(Array(string.utf8)) }
}

extension Attribute {
    init(_ key: String, _ value: AttributeValue) {
        self.init(key: Array(key.utf8), value: value)
    }

    init(_ key: String, _ value: String) {
        self.init(key, .text(value))
    }
}

extension Scope {
    init(_ name: String, version: String = "", schemaURL: String = "", _ attributes: [Attribute] = []) {
        self.init(
            name: Array(name.utf8), version: Array(version.utf8), schemaURL: Array(schemaURL.utf8),
            attributes: attributes)
    }
}

extension StreamIdentity {
    /// A stream as the store asks for it: attributes sorted by key. Without resource and scope unless given, so that
    /// only what is tested gives labels.
    init(
        _ metric: MetricIdentity = MetricIdentity("m"), _ attributes: [Attribute] = [], resource: [Attribute] = [],
        scope: Scope = Scope()
    ) {
        self.init(
            resource: Resource(attributes: resource), scope: scope, metric: metric,
            attributes: attributes.sorted { $0.key.lexicographicallyPrecedes($1.key) })
    }
}

extension PrometheusTranslation {
    /// The label set of a stream, as text.
    func labels(of stream: StreamIdentity) throws -> String {
        String(decoding: try exposure(of: stream).labels, as: UTF8.self)
    }

    func labels(_ attributes: Attribute...) throws -> String {
        try labels(of: StreamIdentity(MetricIdentity("m"), attributes))
    }

    func name(_ name: String, unit: String = "", _ instrument: Instrument = .gauge) throws -> String {
        let metric = MetricIdentity(name, unit: unit, instrument)
        return String(decoding: try exposure(of: StreamIdentity(metric)).family.name, as: UTF8.self)
    }

    func unit(_ name: String, unit: String, _ instrument: Instrument = .gauge) throws -> String {
        let metric = MetricIdentity(name, unit: unit, instrument)
        return String(decoding: try exposure(of: StreamIdentity(metric)).family.unit, as: UTF8.self)
    }
}

extension FamilySnapshot {
    init(
        _ name: String, _ type: FamilyType = .gauge, help: String = "",
        samples: [(labels: String, value: SampleValue)]
    ) {
        self.init(
            descriptor: FamilyDescriptor(name: Array(name.utf8), type: type), help: Array(help.utf8),
            samples: samples.map { SeriesSample(labels: Array($0.labels.utf8), value: .number($0.value)) })
    }
}

extension SeriesSnapshot {
    /// The snapshot of a store with these streams: families by name, samples by labels.
    init(_ streams: [(StreamIdentity, SampleValue)], help: String = "", translation: PrometheusTranslation) throws {
        var families: [[UInt8]: FamilySnapshot] = [:]
        for (stream, value) in streams {
            let exposure = try translation.exposure(of: stream)
            let family = FamilySnapshot(descriptor: exposure.family, help: Array(help.utf8), samples: [])
            families[exposure.family.name, default: family].samples.append(
                SeriesSample(labels: exposure.labels, value: .number(value)))
        }
        self.init(families: families.values.sorted { $0.descriptor.name.lexicographicallyPrecedes($1.descriptor.name) })
        for index in self.families.indices {
            self.families[index].samples.sort { $0.labels.lexicographicallyPrecedes($1.labels) }
        }
    }
}

extension FamilySnapshot {
    /// A family with one sample of any kind.
    init(
        _ name: String, _ type: FamilyType, help: String = "", unit: String = "", labels: String = "",
        _ value: SeriesValue, exemplars: [SampleExemplar] = [], startTime: UnixNanoseconds = 0,
        time: UnixNanoseconds = 0
    ) {
        var sample = SeriesSample(labels: Array(labels.utf8), value: value, startTime: startTime, time: time)
        sample.exemplars = exemplars
        self.init(
            descriptor: FamilyDescriptor(name: Array(name.utf8), type: type, unit: Array(unit.utf8)),
            help: Array(help.utf8), samples: [sample])
    }
}

extension SampleExemplar {
    init(_ labels: String, _ value: Double, time: UnixNanoseconds = 0) {
        self.init(labels: Array(labels.utf8), value: .double(value), time: time)
    }
}

/// The output of `write`, called until it is empty, in pieces of `pieceSize` bytes.
func whole(pieceSize: Int = 64 << 10, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> [UInt8] {
    var result: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: pieceSize)
    while true {
        let count = piece.withUnsafeMutableBytes { write($0) }
        if count == 0 { return result }
        result.append(contentsOf: piece[..<count])
    }
}

/// The whole text of a snapshot, written in pieces of `pieceSize` bytes.
func text(
    of snapshot: SeriesSnapshot, settings: ExpositionSettings = ExpositionSettings(),
    escaping: NameEscaping = .underscores, pieceSize: Int = 64 << 10
) -> [UInt8] {
    var exposition = TextExposition(snapshot, settings: settings, escaping: escaping)
    return whole(pieceSize: pieceSize) { exposition.write(into: $0) }
}

/// A snapshot as OpenMetrics.
func openMetrics(
    of snapshot: SeriesSnapshot, settings: ExpositionSettings = ExpositionSettings(),
    escaping: NameEscaping = .underscores, pieceSize: Int = 64 << 10
) -> String {
    var exposition = OpenMetricsExposition(snapshot, settings: settings, escaping: escaping)
    return String(decoding: whole(pieceSize: pieceSize) { exposition.write(into: $0) }, as: UTF8.self)
}

/// A snapshot in the protobuf format.
func protobuf(
    of snapshot: SeriesSnapshot, settings: ExpositionSettings = ExpositionSettings(),
    escaping: NameEscaping = .underscores, bufferLimit: Int = ProtobufExposition.bufferLimit, pieceSize: Int = 64 << 10,
    isPrepared: Bool = false
) -> [UInt8] {
    var exposition = ProtobufExposition(
        snapshot, settings: settings, escaping: escaping, bufferLimit: bufferLimit)
    if isPrepared { exposition.prepare() }
    return whole(pieceSize: pieceSize) { exposition.write(into: $0) }
}
