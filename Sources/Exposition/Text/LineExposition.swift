internal import Series

/// A snapshot as lines, written piece by piece into the caller's memory: the common part of both text formats.
///
/// Numbers, nearly all of an exposition, are written directly to the caller's memory. Every other line is assembled in
/// a separate buffer first, one at a time.
struct LineExposition: Sendable {
    private let families: [FamilySnapshot]
    private let heads: [FamilyHead]
    private let style: LineStyle
    /// How labels are escaped under each head; empty without `prepare`.
    private var prepared: [LabelEscapes] = []
    /// The head of the family being written.
    private var family = 0
    /// How labels of its samples are escaped.
    private var escapes: LabelEscapes
    /// The next sample of it; nil while its HELP and TYPE lines are due.
    private var sample: Int?
    /// The position within that sample, if it has several lines.
    private var lines: SampleLines?
    private var hasEnded = false
    /// A line to write, from `written` on.
    private var due: [UInt8] = []
    private var written = 0

    /// - Parameter heads: the heads of the families, in the order in which they are shown.
    init(_ families: [FamilySnapshot], heads: [FamilyHead], style: LineStyle) {
        self.families = families
        self.heads = heads
        self.style = style
        escapes = LabelEscapes(style.escaping)
    }

    /// See `FormattedExposition.prepare`.
    mutating func prepare() {
        if style.settings.hasQuotedLabelNames { prepared = heads.map(escapes) }
    }

    /// See `TextExposition.write`.
    mutating func write(into output: UnsafeMutableRawBufferPointer) -> Int {
        var writer = LineWriter(output)
        repeat {
            if written < due.count {
                // Lines are not split, unless one is longer than a piece.
                if written == 0, writer.count > 0, due.count > writer.room { break }
                written += writer.writePart(of: due[written...])
                if written < due.count { break }
            }
            writeNumbers(to: &writer)
        } while makeNextLine()
        return writer.count
    }

    /// Writes numbers of the current family until one does not fit or needs more than labels and digits.
    private mutating func writeNumbers(to writer: inout LineWriter) {
        guard family < heads.count, lines == nil, let start = sample, isPlain(heads[family]) else { return }
        let style = currentStyle
        var next = start
        families[heads[family].index].samples.withUnsafeBufferPointer { samples in
            heads[family].sample.withUnsafeBytes { name in
                while next < samples.count, writer.writeNumber(samples[next], name: name, style: style) { next += 1 }
            }
        }
        sample = next
    }

    /// Whether a number of this family is one line without escapes.
    private func isPlain(_ head: FamilyHead) -> Bool {
        let hasCreated = style.isOpenMetrics && style.settings.createdTimestamps && head.type == .counter
        return !head.isQuoted && !style.settings.hasQuotedLabelNames && !hasCreated
    }

    /// The style of the family being written.
    private var currentStyle: LineStyle {
        var style = style
        if heads[family].hidesTimes { style.settings.timestamps = false }
        return style
    }

    /// Appends the next line, or the lines before a family's samples, to `due`; nothing at the end of a sample with
    /// several lines. False if nothing is left.
    private mutating func makeNextLine() -> Bool {
        due.removeAll(keepingCapacity: true)
        written = 0
        while due.isEmpty {
            guard family < heads.count else {
                guard style.isOpenMetrics, !hasEnded else { return false }
                hasEnded = true
                due.append(text: "# EOF\n")
                return true
            }
            let count = families[heads[family].index].samples.count
            guard let current = sample else {
                if count > 0 { appendHeader(of: families[heads[family].index], heads[family]) }
                if style.settings.hasQuotedLabelNames {
                    escapes = prepared.isEmpty ? escapes(of: heads[family]) : prepared[family]
                }
                sample = 0
                continue
            }
            guard current < count else {
                family += 1
                sample = nil
                // The numbers of the next family may follow at once.
                continue
            }
            let hasMore = appendNext(at: current)
            guard hasMore else {
                sample = current + 1
                // The next numbers may be written directly to the caller's memory again.
                return true
            }
        }
        return true
    }

    private func escapes(of head: FamilyHead) -> LabelEscapes {
        LabelEscapes(style.escaping, of: families[head.index].samples)
    }

    /// Appends the next line of the family's sample at `position`. False when it has no more lines.
    private mutating func appendNext(at position: Int) -> Bool {
        var style = currentStyle
        if style.settings.hasQuotedLabelNames {
            guard let escaping = escapes.escaping(at: position) else { return false }
            style.escaping = escaping
        }
        var next = lines ?? SampleLines()
        let hasMore = next.appendNext(
            of: families[heads[family].index].samples[position], head: heads[family], style: style, to: &due)
        lines = hasMore ? next : nil
        return hasMore
    }

    private mutating func appendHeader(of snapshot: FamilySnapshot, _ head: FamilyHead) {
        // The text format has HELP first, as in the Collector; OpenMetrics requires it last (R-OM-03).
        if !style.isOpenMetrics { appendHelp(of: snapshot, head) }
        due.append(text: "# TYPE ")
        due.append(name: head.family, isQuoted: head.isQuoted)
        due.append(text: typeText(head.type))
        if style.isOpenMetrics {
            appendUnit(of: snapshot, head)
            appendHelp(of: snapshot, head)
        }
    }

    private mutating func appendHelp(of snapshot: FamilySnapshot, _ head: FamilyHead) {
        due.append(text: "# HELP ")
        due.append(name: head.family, isQuoted: head.isQuoted)
        due.append(UInt8(ascii: " "))
        TextEscaping.appendHelp(snapshot.help, isOpenMetrics: style.isOpenMetrics, to: &due)
        due.append(UInt8(ascii: "\n"))
    }

    /// R-OM-05, R-OM-15.
    private mutating func appendUnit(of snapshot: FamilySnapshot, _ head: FamilyHead) {
        guard head.type != .info, head.type != .stateset, head.ends(with: snapshot.descriptor.unit) else { return }
        due.append(text: "# UNIT ")
        due.append(name: head.family, isQuoted: head.isQuoted)
        due.append(UInt8(ascii: " "))
        due.append(contentsOf: snapshot.descriptor.unit)
        due.append(UInt8(ascii: "\n"))
    }

    private func typeText(_ type: FamilyType) -> StaticString {
        switch type {
        case .counter: " counter\n"
        case .gauge: " gauge\n"
        case .histogram, .nativeHistogram: " histogram\n"
        case .summary: " summary\n"
        case .unknown: style.isOpenMetrics ? " unknown\n" : " untyped\n"
        // The text format has neither; both become gauges (R-TGT-01).
        case .info: style.isOpenMetrics ? " info\n" : " gauge\n"
        case .stateset: style.isOpenMetrics ? " stateset\n" : " gauge\n"
        }
    }
}
