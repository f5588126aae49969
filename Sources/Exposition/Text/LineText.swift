internal import OTLP
internal import Series

/// Appends parts of a line to growing memory, for lines with more than name, labels and number.
extension [UInt8] {
    mutating func append(text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// A family's name in a TYPE, UNIT or HELP line.
    mutating func append(name: [UInt8], isQuoted: Bool) {
        if isQuoted { TextEscaping.appendQuoted(name, to: &self) } else { append(contentsOf: name) }
    }

    /// The name and the labels of a sample. A quoted name is between the braces (R-TXT-08).
    /// - Parameters:
    ///   - suffix: after the name.
    ///   - last: a further label, rendered, which comes last; empty for none.
    mutating func append(
        series name: [UInt8], suffix: LineSuffix, isQuoted: Bool, labels: [UInt8], last: [UInt8]
    ) {
        var needsComma = isQuoted
        if isQuoted {
            append(UInt8(ascii: "{"))
            TextEscaping.appendQuoted(suffix.added(to: name), to: &self)
        } else {
            append(contentsOf: name)
            append(contentsOf: suffix.text)
            if labels.isEmpty, last.isEmpty { return }
            append(UInt8(ascii: "{"))
        }
        for part in [labels, last] where !part.isEmpty {
            if needsComma { append(UInt8(ascii: ",")) }
            append(contentsOf: part)
            needsComma = true
        }
        append(UInt8(ascii: "}"))
    }

    /// A sample's value; in OpenMetrics with a point or an exponent.
    mutating func append(number: SampleValue, isOpenMetrics: Bool) {
        withUnsafeTemporaryAllocation(byteCount: NumberText.lengthLimit, alignment: 1) { buffer in
            let length =
                isOpenMetrics
                ? NumberText.writeFloat(number, to: buffer) : NumberText.write(number, to: buffer)
            append(contentsOf: buffer[..<length])
        }
    }

    /// A number of observations.
    mutating func append(count: UInt64) {
        append(contentsOf: String(count).utf8)
    }

    /// The time of a sample, after a space (R-TS-02, R-OM-10); nothing for a sample without one.
    mutating func append(sampleTime time: UnixNanoseconds, style: LineStyle) {
        guard style.settings.timestamps, time != 0 else { return }
        withUnsafeTemporaryAllocation(byteCount: TimeText.lengthLimit, alignment: 1) { buffer in
            append(contentsOf: buffer[..<TimeText.write(sampleTime: time, style: style, to: buffer)])
        }
    }

    /// Seconds with as many digits as there are, for `_created` and exemplars.
    mutating func append(seconds time: UnixNanoseconds) {
        withUnsafeTemporaryAllocation(byteCount: TimeText.lengthLimit, alignment: 1) { buffer in
            append(contentsOf: buffer[..<TimeText.write(seconds: time, to: buffer)])
        }
    }
}
