package import Series

/// The Prometheus protobuf format of a snapshot, written piece by piece into the caller's memory: length-delimited
/// `io.prometheus.client.MetricFamily` messages (R-PBX-01).
///
/// Start timestamps and exemplars are always included. A family begins with its length, so its metrics are packed
/// before it is written; of a family beyond `bufferLimit` only the first ones are kept, the rest is packed again when
/// needed. A value for one reader; it may move between threads but not be shared.
package struct ProtobufExposition: Sendable {
    /// Bytes of packed metrics that are kept, and packed ahead. 1 MiB.
    static let bufferLimit = 1 << 20

    private let families: [FamilySnapshot]
    private let heads: [FamilyHead]
    private let settings: ExpositionSettings
    private let escaping: NameEscaping
    private let bufferLimit: Int
    /// The family being written.
    private var family = 0
    /// How labels of its samples are escaped.
    private var escapes: LabelEscapes
    /// Its first sample that is not in `due`; nil before the family's length is known.
    private var sample: Int?
    /// Bytes to write, from `written` on.
    private var due: [UInt8] = []
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

    /// See `TextExposition.write`; a piece may end anywhere.
    package mutating func write(into output: UnsafeMutableRawBufferPointer) -> Int {
        var writer = LineWriter(output)
        written += writer.writePart(of: due[written...])
        guard written == due.count, writer.room > 0 else { return writer.count }
        let message = MetricMessage(settings: settings)
        while written == due.count, makeNext(message) {
            written += writer.writePart(of: due[written...])
        }
        return writer.count
    }

    /// Appends the next part to `due`. False if nothing is left.
    private mutating func makeNext(_ message: MetricMessage) -> Bool {
        due.removeAll(keepingCapacity: true)
        written = 0
        while due.isEmpty {
            guard family < families.count else { return false }
            guard let start = sample else {
                sample = begin(message)
                continue
            }
            let samples = families[family].samples
            var next = start
            while next < samples.count, due.count < bufferLimit {
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
        if settings.hasQuotedLabelNames { escapes = LabelEscapes(escaping, of: samples) }
        var packed: [UInt8] = []
        var kept: (samples: Int, bytes: Int)?
        var length = 0
        for (index, sample) in samples.enumerated() {
            let start = packed.count
            appendMetric(sample, at: index, message, to: &packed)
            length += packed.count - start
            if let kept {
                packed.removeSubrange(kept.bytes...)
            } else if packed.count >= bufferLimit {
                kept = (index + 1, packed.count)
            }
        }
        // A family without metrics is left out (R-TXT-04).
        guard length > 0 else { return samples.count }
        let head = fields(of: families[family], heads[family])
        Wire.append(varint: UInt64(head.count + length), to: &due)
        due.append(contentsOf: head)
        due.append(contentsOf: packed)
        return kept?.samples ?? samples.count
    }

    /// A family's name, HELP, type and unit. Its metrics follow separately, so protobuf-c does not pack the family as a
    /// whole.
    private func fields(of snapshot: FamilySnapshot, _ head: FamilyHead) -> [UInt8] {
        var fields: [UInt8] = []
        Wire.append(field: 1, head.family, to: &fields)
        Wire.append(field: 2, snapshot.help, to: &fields)
        Wire.append(varint: 3 << 3, to: &fields)
        Wire.append(varint: Self.typeNumber(head.type), to: &fields)
        // Prometheus refuses the page if the unit is not the suffix of the name; escaping may change the name.
        if head.ends(withTotalOr: snapshot.descriptor.unit) {
            Wire.append(field: 5, snapshot.descriptor.unit, to: &fields)
        }
        return fields
    }

    private func appendMetric(
        _ sample: SeriesSample, at position: Int, _ message: MetricMessage, to output: inout [UInt8]
    ) {
        var metric: [UInt8] = []
        guard let escaping = escapes.escaping(at: position) else { return }
        if message.append(sample, type: families[family].descriptor.type, escaping: escaping, to: &metric) {
            Wire.append(field: 4, metric, to: &output)
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

/// The two parts of the wire format that delimit messages.
private enum Wire {
    static func append(varint value: UInt64, to output: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        output.append(UInt8(rest))
    }

    static func append(field: UInt64, _ bytes: [UInt8], to output: inout [UInt8]) {
        append(varint: field << 3 | 2, to: &output)
        append(varint: UInt64(bytes.count), to: &output)
        output.append(contentsOf: bytes)
    }
}
