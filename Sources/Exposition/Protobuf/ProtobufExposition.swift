internal import Bytes
package import Series

/// The Prometheus protobuf format of a snapshot, written piece by piece into the caller's memory: length-delimited
/// `io.prometheus.client.MetricFamily` messages (R-PBX-01).
///
/// Start timestamps and exemplars are always included. A family begins with its length, so its metrics are packed
/// before it is written; of a family beyond `bufferLimit` only the first ones are kept, the rest is packed again when
/// needed. `prepare` does the first packing of all families ahead. A value for one reader; it may move between threads
/// but not be shared.
package struct ProtobufExposition: Sendable {
    /// Bytes of packed metrics that are kept. 1 MiB.
    static let bufferLimit = 1 << 20
    /// Bytes of metrics that are packed without interruption once the length of their family is known. 64 KiB.
    private static let pieceBytes = 64 << 10

    private let families: [FamilySnapshot]
    private let heads: [FamilyHead]
    private let settings: ExpositionSettings
    private let escaping: NameEscaping
    private let bufferLimit: Int
    /// The result of `prepare` for each family; empty without it.
    private var prepared: [Prepared] = []
    /// The family being written.
    private var family = 0
    /// How labels of its samples are escaped.
    private var escapes: LabelEscapes
    /// Its first sample that is not in `due`; nil before the family's length is known.
    private var sample: Int?
    /// Bytes to write, from `written` on.
    private var due = WireWriter()
    private var written = 0

    /// - Parameter escaping: of names that older readers do not accept.
    package init(
        _ snapshot: SeriesSnapshot, settings: ExpositionSettings = ExpositionSettings(),
        escaping: NameEscaping = .underscores
    ) {
        self.init(snapshot, settings: settings, escaping: escaping, bufferLimit: Self.bufferLimit)
    }

    init(_ snapshot: SeriesSnapshot, settings: ExpositionSettings, escaping: NameEscaping, bufferLimit: Int) {
        families = snapshot.families
        heads = FamilyHead.heads(of: families, escaping: escaping)
        self.settings = settings
        self.escaping = escaping
        escapes = LabelEscapes(escaping)
        self.bufferLimit = max(bufferLimit, 1)
    }

    private struct Prepared {
        var escapes: LabelEscapes
        /// Packed bytes of all metrics together.
        var length: Int
    }

    /// See `FormattedExposition.prepare`.
    mutating func prepare() {
        let message = MetricMessage(settings: settings)
        var metric = WireWriter()
        prepared = families.indices.map { family in
            self.family = family
            escapes = escapes(of: family)
            var length = 0
            for (index, sample) in families[family].samples.enumerated() {
                metric.removeAll()
                appendMetric(sample, at: index, message, to: &metric)
                length += metric.bytes.count
            }
            return Prepared(escapes: escapes, length: length)
        }
        family = 0
    }

    /// See `TextExposition.write`; a piece may end anywhere.
    package mutating func write(into output: UnsafeMutableRawBufferPointer) -> Int {
        var writer = LineWriter(output)
        written += writer.writePart(of: due.bytes[written...])
        guard written == due.bytes.count, writer.room > 0 else { return writer.count }
        let message = MetricMessage(settings: settings)
        while written == due.bytes.count, makeNext(message) {
            written += writer.writePart(of: due.bytes[written...])
        }
        return writer.count
    }

    /// Appends the next part to `due`. False if nothing is left.
    private mutating func makeNext(_ message: MetricMessage) -> Bool {
        due.removeAll()
        written = 0
        while due.bytes.isEmpty {
            guard family < families.count else { return false }
            guard let start = sample else {
                sample = begin(message)
                continue
            }
            let samples = families[family].samples
            var next = start
            while next < samples.count, due.bytes.count < min(bufferLimit, Self.pieceBytes) {
                appendMetric(samples[next], at: next, message, to: &due)
                next += 1
            }
            sample = next
            if next == samples.count {
                family += 1
                sample = nil
            }
        }
        return true
    }

    /// Packs the family to compute its length, and appends its head and the first metrics to `due`. Returns the first
    /// sample that is not included.
    private mutating func begin(_ message: MetricMessage) -> Int {
        let samples = families[family].samples
        guard prepared.isEmpty else {
            escapes = prepared[family].escapes
            return beginFamily(ofBytes: prepared[family].length) ? 0 : samples.count
        }
        escapes = escapes(of: family)
        var packed = WireWriter()
        var kept: (samples: Int, bytes: Int)?
        var length = 0
        for (index, sample) in samples.enumerated() {
            let start = packed.bytes.count
            appendMetric(sample, at: index, message, to: &packed)
            length += packed.bytes.count - start
            if let kept {
                packed.bytes.removeSubrange(kept.bytes...)
            } else if packed.bytes.count >= bufferLimit {
                kept = (index + 1, packed.bytes.count)
            }
        }
        guard beginFamily(ofBytes: length) else { return samples.count }
        due.append(packed.bytes)
        return kept?.samples ?? samples.count
    }

    /// Appends what comes before the metrics of the family to `due`. False if the family has no metrics: it is left out
    /// (R-TXT-04).
    private mutating func beginFamily(ofBytes length: Int) -> Bool {
        guard length > 0 else { return false }
        let head = fields(of: families[family], heads[family])
        due.varint(UInt64(head.count + length))
        due.append(head)
        return true
    }

    private func escapes(of family: Int) -> LabelEscapes {
        settings.hasQuotedLabelNames ? LabelEscapes(escaping, of: families[family].samples) : LabelEscapes(escaping)
    }

    /// A family's name, HELP, type and unit. Its metrics follow separately, so protobuf-c does not pack the family as a
    /// whole.
    private func fields(of snapshot: FamilySnapshot, _ head: FamilyHead) -> [UInt8] {
        var fields = WireWriter()
        fields.field(1, head.family)
        fields.field(2, snapshot.help)
        fields.field(3, varint: Self.typeNumber(head.type))
        // Prometheus refuses the page if the unit is not the suffix of the name; escaping may change the name.
        if head.ends(withTotalOr: snapshot.descriptor.unit) {
            fields.field(5, snapshot.descriptor.unit)
        }
        return fields.bytes
    }

    private func appendMetric(
        _ sample: SeriesSample, at position: Int, _ message: MetricMessage, to output: inout WireWriter
    ) {
        var metric: [UInt8] = []
        guard let escaping = escapes.escaping(at: position) else { return }
        if message.append(sample, type: families[family].descriptor.type, escaping: escaping, to: &metric) {
            output.field(4, metric)
        }
    }

    /// R-PBX-06. Types that the format does not have are gauges, as in the text format.
    private static func typeNumber(_ type: FamilyType) -> UInt64 {
        switch type {
        case .counter: 0
        case .gauge, .info, .stateset: 1
        case .summary: 2
        case .unknown: 3
        case .histogram, .nativeHistogram: 4
        }
    }
}
