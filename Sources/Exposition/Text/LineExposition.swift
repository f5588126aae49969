internal import Series

/// A snapshot as lines, written piece by piece into memory of the caller: what both text formats share.
///
/// Numbers, nearly all of an exposition, go straight to the caller's memory. Every other line is put together in memory
/// of its own first, one at a time.
struct LineExposition: Sendable {
    private let families: [FamilySnapshot]
    private let heads: [FamilyHead]
    private let style: LineStyle
    /// The family being written.
    private var family = 0
    /// The next sample of it; nil while its HELP and TYPE lines are due.
    private var sample: Int?
    /// Where in that sample, when it has several lines.
    private var lines: SampleLines?
    private var hasEnded = false
    /// A line that is due, from `written` on.
    private var due: [UInt8] = []
    private var written = 0

    init(_ snapshot: SeriesSnapshot, style: LineStyle) {
        families = snapshot.families
        heads = FamilyHead.heads(of: families, escaping: style.escaping, isOpenMetrics: style.isOpenMetrics)
        self.style = style
    }

    /// See `TextExposition.write`.
    mutating func write(into output: UnsafeMutableRawBufferPointer) -> Int {
        var writer = LineWriter(output)
        repeat {
            if written < due.count {
                // Lines are whole, unless one is longer than a piece.
                if written == 0, writer.count > 0, due.count > writer.room { break }
                written += writer.writePart(of: due[written...])
                if written < due.count { break }
            }
            writeNumbers(to: &writer)
        } while makeNextLine()
        return writer.count
    }

    /// Writes numbers of the current family until one does not fit or takes more than its labels and digits.
    private mutating func writeNumbers(to writer: inout LineWriter) {
        guard family < families.count, lines == nil, let start = sample, isPlain(heads[family]) else { return }
        var next = start
        families[family].samples.withUnsafeBufferPointer { samples in
            heads[family].sample.withUnsafeBytes { name in
                while next < samples.count, writer.writeNumber(samples[next], name: name, style: style) { next += 1 }
            }
        }
        sample = next
    }

    /// Whether a number of this family is one line without anything that has to be escaped.
    private func isPlain(_ head: FamilyHead) -> Bool {
        let hasCreated = style.isOpenMetrics && style.settings.createdTimestamps && head.type == .counter
        return !head.isQuoted && !style.settings.hasQuotedLabelNames && !hasCreated
    }

    /// Puts the next line, or the next lines before a family's samples, into `due`; nothing at the end of a sample of
    /// several lines. False when nothing is left.
    private mutating func makeNextLine() -> Bool {
        due.removeAll(keepingCapacity: true)
        written = 0
        while due.isEmpty {
            guard family < families.count else {
                guard style.isOpenMetrics, !hasEnded else { return false }
                hasEnded = true
                due.append(text: "# EOF\n")
                return true
            }
            let count = families[family].samples.count
            guard let current = sample else {
                if count > 0 { appendHeader(of: families[family], heads[family]) }
                sample = 0
                continue
            }
            guard current < count else {
                family += 1
                sample = nil
                // The numbers of the next family may follow at once.
                continue
            }
            var next = lines ?? SampleLines()
            let hasMore = next.appendNext(
                of: families[family].samples[current], head: heads[family], style: style, to: &due)
            lines = hasMore ? next : nil
            guard hasMore else {
                sample = current + 1
                // The numbers that follow may go straight to the caller again.
                return true
            }
        }
        return true
    }

    private mutating func appendHeader(of snapshot: FamilySnapshot, _ head: FamilyHead) {
        // The text format has HELP first, as the Collector writes it; OpenMetrics wants it last (R-OM-03).
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
        let suffix = [ASCII.underscore] + snapshot.descriptor.unit
        guard suffix.count > 1, head.type != .info, head.type != .stateset,
            head.family.count > suffix.count, head.family.suffix(suffix.count).elementsEqual(suffix)
        else { return }
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
        // The text format knows neither; both are gauges to it (R-TGT-01).
        case .info: style.isOpenMetrics ? " info\n" : " gauge\n"
        case .stateset: style.isOpenMetrics ? " stateset\n" : " gauge\n"
        }
    }
}
