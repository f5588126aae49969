internal import OTLP

/// Times as text without allocating.
enum TimeText {
    /// Maximum bytes of a time: a space, 11 digits, a point, 9 digits.
    static let lengthLimit = 40

    private static let nanosecondsPerMillisecond: UInt64 = 1_000_000
    private static let nanosecondsPerSecond: UInt64 = 1_000_000_000

    /// A space and the time of a sample: whole milliseconds in the text format, in OpenMetrics the same as seconds.
    /// Returns the bytes written, at most `lengthLimit`, which `output` must have.
    static func write(
        sampleTime time: UnixNanoseconds, style: LineStyle, to output: UnsafeMutableRawBufferPointer
    ) -> Int {
        output[0] = UInt8(ascii: " ")
        let rest = UnsafeMutableRawBufferPointer(rebasing: output[1...])
        if style.isOpenMetrics {
            return 1 + write(seconds: time - time % nanosecondsPerMillisecond, to: rest)
        }
        return 1 + NumberText.write(Int64(time / nanosecondsPerMillisecond), to: rest)
    }

    /// Seconds with up to nine digits after the point, without zeros at the end.
    static func write(seconds time: UnixNanoseconds, to output: UnsafeMutableRawBufferPointer) -> Int {
        var length = NumberText.write(Int64(time / nanosecondsPerSecond), to: output)
        var fraction = time % nanosecondsPerSecond
        guard fraction > 0 else { return length }
        output[length] = UInt8(ascii: ".")
        length += 1
        var place = nanosecondsPerSecond / 10
        while fraction > 0 {
            output[length] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction / place)
            length += 1
            fraction %= place
            place /= 10
        }
        return length
    }
}
