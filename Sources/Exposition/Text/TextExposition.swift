package import Series

/// The text format 0.0.4 of a snapshot, written piece by piece into memory of the caller.
///
/// Families and samples come in the order of the snapshot; families without samples are left out. What is not yet
/// written stays as it is in the snapshot: besides that, nothing is allocated unless a line is longer than the
/// caller's piece. A value for one reader; it may move between threads but not be shared.
package struct TextExposition: Sendable {
    private let families: [FamilySnapshot]
    /// The family being written.
    private var family = 0
    /// The next sample of it; nil while its HELP and TYPE lines are due.
    private var sample: Int?
    /// The rest of a line that is longer than a piece.
    private var rest: ArraySlice<UInt8> = []

    package init(_ snapshot: SeriesSnapshot) {
        families = snapshot.families
    }

    /// Writes the next piece of the exposition to the start of `output`: whole lines, except of a line that is longer
    /// than `output`.
    ///
    /// Cost: one copy of the bytes written.
    /// - Parameter output: not empty. 64 KiB is a good size; the text is the same with any.
    /// - Returns: the bytes written, at most `output.count`; 0 when the exposition is complete.
    package mutating func write(into output: UnsafeMutableRawBufferPointer) -> Int {
        var writer = LineWriter(output)
        if rest.isEmpty {
            writeLines(to: &writer)
            guard writer.count == 0, family < families.count else { return writer.count }
            rest = nextLines()[...]
        }
        rest = rest.dropFirst(writer.writePart(of: rest))
        return writer.count
    }

    /// Writes lines until one does not fit or all are written.
    private mutating func writeLines(to writer: inout LineWriter) {
        while family < families.count {
            let current = families[family]
            var next = sample ?? 0
            if sample == nil, !current.samples.isEmpty {
                guard writer.writeHeader(of: current) else { return }
            }
            current.samples.withUnsafeBufferPointer { samples in
                current.descriptor.name.withUnsafeBytes { name in
                    while next < samples.count, writer.writeSample(samples[next], name: name) { next += 1 }
                }
            }
            sample = next
            if next < current.samples.count { return }
            step()
        }
    }

    /// The next sample's line, or the next HELP and TYPE, in memory of its own. Some line must be left.
    private mutating func nextLines() -> [UInt8] {
        let current = families[family]
        let name = current.descriptor.name
        let limit =
            sample.map { LineWriter.sizeLimit(of: current.samples[$0], nameLength: name.count) }
            ?? LineWriter.headerSizeLimit(of: current)
        let lines = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            var writer = LineWriter(UnsafeMutableRawBufferPointer(buffer))
            if let sample {
                _ = name.withUnsafeBytes { writer.writeSample(current.samples[sample], name: $0) }
            } else {
                _ = writer.writeHeader(of: current)
            }
            count = writer.count
        }
        sample = sample.map { $0 + 1 } ?? 0
        if sample == current.samples.count { step() }
        return lines
    }

    private mutating func step() {
        family += 1
        sample = nil
    }
}
