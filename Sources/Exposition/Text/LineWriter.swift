internal import Series

/// Writes lines of the text format one after the other into memory of fixed size, each whole or not at all.
struct LineWriter {
    private let output: UnsafeMutableRawBufferPointer
    /// Bytes written so far.
    private(set) var count = 0

    /// `output` must outlive the writer.
    init(_ output: UnsafeMutableRawBufferPointer) {
        self.output = output
    }

    /// Bytes that the line of `sample` needs at most: two braces, a space and the line's end besides its parts.
    static func sizeLimit(of sample: SeriesSample, nameLength: Int) -> Int {
        nameLength + sample.labels.count + NumberText.lengthLimit + 4
    }

    /// Bytes that HELP and TYPE of `family` need at most: every byte of the help may need an escape.
    static func headerSizeLimit(of family: FamilySnapshot) -> Int {
        2 * (family.descriptor.name.count + family.help.count) + 64
    }

    /// One sample: `name{labels} value`, without braces when there are no labels. False when there might be too little
    /// room for it; nothing is written then.
    mutating func writeSample(_ sample: SeriesSample, name: UnsafeRawBufferPointer) -> Bool {
        guard case .number(let value) = sample.value else { return true }
        guard Self.sizeLimit(of: sample, nameLength: name.count) <= output.count - count else { return false }
        write(name)
        if !sample.labels.isEmpty {
            write(UInt8(ascii: "{"))
            sample.labels.withUnsafeBytes { write($0) }
            write(UInt8(ascii: "}"))
        }
        write(UInt8(ascii: " "))
        count += NumberText.write(value, to: UnsafeMutableRawBufferPointer(rebasing: output[count...]))
        write(UInt8(ascii: "\n"))
        return true
    }

    /// HELP, also when there is no text, and TYPE (R-TXT-03, R-TXT-04). False as for `writeSample`.
    mutating func writeHeader(of family: FamilySnapshot) -> Bool {
        guard Self.headerSizeLimit(of: family) <= output.count - count else { return false }
        write("# HELP ")
        family.descriptor.name.withUnsafeBytes { write($0) }
        write(UInt8(ascii: " "))
        writeEscaped(help: family.help)
        write("\n# TYPE ")
        family.descriptor.name.withUnsafeBytes { write($0) }
        switch family.descriptor.type {
        case .counter: write(" counter\n")
        case .gauge: write(" gauge\n")
        case .histogram, .nativeHistogram: write(" histogram\n")
        case .summary: write(" summary\n")
        case .unknown, .info, .stateset: write(" untyped\n")
        }
        return true
    }

    /// As much of `bytes` as there is room for; returns how much that is.
    mutating func writePart(of bytes: ArraySlice<UInt8>) -> Int {
        let part = bytes.prefix(output.count - count)
        part.withUnsafeBytes { write($0) }
        return part.count
    }

    private mutating func writeEscaped(help: [UInt8]) {
        for byte in help {
            switch byte {
            case UInt8(ascii: "\\"):
                write(byte)
                write(byte)
            case UInt8(ascii: "\n"):
                write(UInt8(ascii: "\\"))
                write(UInt8(ascii: "n"))
            default:
                write(byte)
            }
        }
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

    private mutating func write(_ text: StaticString) {
        write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
