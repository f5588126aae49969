internal import Series

/// Numbers as text without allocating: a scrape writes 100,000 of them.
enum NumberText {
    /// Maximum bytes of a number: the longest double has 24.
    static let lengthLimit = 32

    /// Writes a sample's value in the format of Go's `ParseFloat` (R-TXT-05): integers with all digits, doubles in the
    /// fewest digits that round-trip, `NaN`, `+Inf`, `-Inf`; a negative zero without its sign.
    /// - Parameter output: at least `lengthLimit` bytes.
    /// - Returns: the bytes written.
    static func write(_ value: SampleValue, to output: UnsafeMutableRawBufferPointer) -> Int {
        switch value {
        case .int(let number): write(number, to: output)
        case .double(let number): write(number, to: output)
        }
    }

    /// Decimal digits.
    static func write(_ number: Int64, to output: UnsafeMutableRawBufferPointer) -> Int {
        var rest = number.magnitude
        var length = number < 0 ? 1 : 0
        var counted = rest
        repeat {
            counted /= 10
            length += 1
        } while counted != 0
        if number < 0 { output[0] = UInt8(ascii: "-") }
        var position = length
        repeat {
            position -= 1
            let quotient = rest / 10
            output[position] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest &- quotient &* 10)
            rest = quotient
        } while rest != 0
        return length
    }

    static func write(_ number: Double, to output: UnsafeMutableRawBufferPointer) -> Int {
        // Every integer up to 2^53 is exact in a double, so its digits are the shortest form already.
        if number.magnitude <= 0x1p53, case let integer = Int64(number), Double(integer) == number {
            return write(integer, to: output)
        }
        var text = FixedText(output)
        if number.isNaN {
            text.write("NaN")
        } else if number.isInfinite {
            text.write(number < 0 ? "-Inf" : "+Inf")
        } else {
            number.write(to: &text)
        }
        return text.count
    }

    /// Writes a sample's value as an OpenMetrics float: with a point or an exponent, `5.0`. Otherwise like `write`.
    static func writeFloat(_ value: SampleValue, to output: UnsafeMutableRawBufferPointer) -> Int {
        let length = write(value, to: output)
        for byte in output[..<length] where byte != UInt8(ascii: "-") && !ASCII.isDigit(byte) { return length }
        output[length] = UInt8(ascii: ".")
        output[length + 1] = UInt8(ascii: "0")
        return length + 2
    }

    static func append(_ number: Int64, to text: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: lengthLimit, alignment: 1) { buffer in
            let length = write(number, to: buffer)
            text.append(contentsOf: buffer[..<length])
        }
    }
}

/// A text stream into memory of fixed size; what does not fit is left out.
struct FixedText: TextOutputStream {
    private let output: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    /// `output` must outlive the stream.
    init(_ output: UnsafeMutableRawBufferPointer) {
        self.output = output
    }

    mutating func write(_ string: String) {
        for byte in string.utf8 where count < output.count {
            output[count] = byte
            count += 1
        }
    }

    // The standard library passes the digits of a number to this requirement of `TextOutputStream`, which avoids a
    // String for each. If that changes, `write` gets the same digits.
    mutating func _writeASCII(_ buffer: UnsafeBufferPointer<UInt8>) {
        let fitting = UnsafeRawBufferPointer(buffer).prefix(output.count - count)
        output[count...].copyBytes(from: fitting)
        count += fitting.count
    }
}
