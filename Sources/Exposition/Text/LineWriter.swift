internal import Series

/// Writes into memory of fixed size: lines of numbers whole or not at all, anything else in parts.
struct LineWriter {
    private let output: UnsafeMutableRawBufferPointer
    /// Bytes written so far.
    private(set) var count = 0

    /// `output` must outlive the writer.
    init(_ output: UnsafeMutableRawBufferPointer) {
        self.output = output
    }

    /// Bytes that are left.
    var room: Int { output.count - count }

    /// Maximum bytes of a line besides name and labels: braces, a space, the number, its time, the line's end.
    private static let sizeLimit = 4 + NumberText.lengthLimit + TimeText.lengthLimit

    /// One sample that is a number: `name{labels} value`, without braces if there are no labels. Writes nothing and
    /// returns false if the sample needs more than that or there might be too little room.
    mutating func writeNumber(_ sample: SeriesSample, name: UnsafeRawBufferPointer, style: LineStyle) -> Bool {
        guard case .number(let value) = sample.value else { return false }
        guard name.count + sample.labels.count + Self.sizeLimit <= room else { return false }
        if style.isOpenMetrics, !sample.exemplars.isEmpty { return false }
        write(name)
        if !sample.labels.isEmpty {
            write(UInt8(ascii: "{"))
            sample.labels.withUnsafeBytes { write($0) }
            write(UInt8(ascii: "}"))
        }
        write(UInt8(ascii: " "))
        let number = UnsafeMutableRawBufferPointer(rebasing: output[count...])
        count += style.isOpenMetrics ? NumberText.writeFloat(value, to: number) : NumberText.write(value, to: number)
        if style.settings.timestamps, sample.time != 0 {
            let time = UnsafeMutableRawBufferPointer(rebasing: output[count...])
            count += TimeText.write(sampleTime: sample.time, style: style, to: time)
        }
        write(UInt8(ascii: "\n"))
        return true
    }

    /// Writes as much of `bytes` as there is room for; returns how much that is.
    mutating func writePart(of bytes: ArraySlice<UInt8>) -> Int {
        let part = bytes.prefix(output.count - count)
        part.withUnsafeBytes { write($0) }
        return part.count
    }

    // The callers have checked the room for what they write.

    private mutating func write(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: output[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    private mutating func write(_ byte: UInt8) {
        output[count] = byte
        count += 1
    }
}
