import OTLP
import Series

@testable import Exposition

/// A snapshot with all kinds of families and samples, and the same as plain values for other programs.
struct RandomSnapshot {
    var snapshot = SeriesSnapshot()
    /// The expected.json of `read_expositions.py`.
    private(set) var expected: [[String: Any]] = []

    private var random: SeededRandom

    init(seed: UInt64, hasQuotedNames: Bool) {
        random = SeededRandom(seed: seed)
        let types: [(FamilyType, String)] = [
            (.counter, "counter"), (.gauge, "gauge"), (.histogram, "histogram"), (.nativeHistogram, "nativeHistogram"),
            (.summary, "summary"), (.unknown, "unknown"),
        ]
        for index in 0..<24 {
            let (type, typeName) = types[index % types.count]
            let dot = hasQuotedNames ? "." : "_"
            let name = "f\(dot)\(100 + index)" + (type == .counter ? "_total" : "")
            let help = word()
            var samples: [SeriesSample] = []
            var values: [[String: Any]] = []
            for number in 0..<Int.random(in: 1...8, using: &random) {
                var labels = ["n": "\(number)", "text": word()]
                labels["a\(dot)b"] = word()
                if !hasQuotedNames || number % 2 == 0 { labels["z"] = word() }
                let (value, plain) = value(of: type)
                let start =
                    Bool.random(using: &random) ? 0 : UInt64.random(in: 1...2_000_000_000_000_000_000, using: &random)
                var sample = SeriesSample(
                    labels: Self.render(labels), value: value, startTime: start,
                    time: 1_700_000_000_000_000_000 + UInt64(number))
                if type == .counter || type == .histogram {
                    sample.exemplars = [
                        SampleExemplar(#"trace_id="5b8e",k="v""#, 0.5, time: 1_700_000_000_250_000_000)
                    ]
                }
                samples.append(sample)
                values.append(["labels": labels, "value": plain, "startTime": start])
            }
            snapshot.families.append(
                FamilySnapshot(
                    descriptor: FamilyDescriptor(name: Array(name.utf8), type: type), help: Array(help.utf8),
                    samples: samples))
            expected.append(["name": name, "type": typeName, "help": help, "samples": values])
        }
    }

    private static func render(_ labels: [String: String]) -> [UInt8] {
        var result: [UInt8] = []
        for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
            if !result.isEmpty { result.append(UInt8(ascii: ",")) }
            if LegacyName.isLabelName(Array(name.utf8)) {
                result.append(contentsOf: name.utf8)
            } else {
                TextEscaping.appendQuoted(Array(name.utf8), to: &result)
            }
            result.append(UInt8(ascii: "="))
            TextEscaping.appendQuoted(Array(value.utf8), to: &result)
        }
        return result
    }

    /// Never empty, and not ending with a space or a backslash, which the Python parser of text cannot read in HELP.
    private mutating func word() -> String {
        let pieces = ["a", "\\", "\"", "\n", ",", "=", "é", "{", "}", "#", "😀", "\\n", " x", "le", "0"]
        let count = Int.random(in: 0...6, using: &random)
        return (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }.joined() + "e"
    }

    private mutating func double() -> Double {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: Double(Int.random(in: 0...2_000_000, using: &random))
        case 1: Double.random(in: 0...1, using: &random)
        case 2: Double(bitPattern: UInt64.random(in: 0..<0x7FF0_0000_0000_0000, using: &random))
        default: 0
        }
    }

    private mutating func counts(_ count: Int) -> [UInt64] {
        (0..<count).map { _ in UInt64.random(in: 0...3, using: &random) * UInt64.random(in: 0...100, using: &random) }
    }

    /// A value of the type and the same for JSON.
    private mutating func value(of type: FamilyType) -> (SeriesValue, Any) {
        switch type {
        case .histogram: return histogram()
        case .nativeHistogram: return native()
        case .summary:
            let quantiles = [0, 0.5, 0.99, 1].map { QuantileValue(quantile: $0, value: double()) }
            let value = SummaryValue(quantiles: quantiles, count: 7, sum: double())
            let plain: [String: Any] = [
                "quantiles": quantiles.map { [$0.quantile, $0.value] }, "count": value.count, "sum": value.sum,
            ]
            return (.summary(value), plain)
        default:
            if Bool.random(using: &random) {
                let value = Int64.random(in: 0...1_000_000_000_000, using: &random)
                return (.int(value), value)
            }
            let value = double()
            return (.double(value), value)
        }
    }

    private mutating func histogram() -> (SeriesValue, Any) {
        var bounds = Set((0..<Int.random(in: 0...12, using: &random)).map { _ in double() })
        if Int.random(in: 0..<4, using: &random) == 0 { bounds.insert(-1.5) }
        let sorted = bounds.sorted()
        let counts = counts(sorted.count + 1)
        let sum = Bool.random(using: &random) ? double() : nil
        let value = HistogramValue(bounds: sorted, counts: counts, count: counts.reduce(0, +), sum: sum)
        var plain: [String: Any] = ["bounds": sorted, "counts": counts, "count": value.count]
        if let sum { plain["sum"] = sum }
        return (.histogram(value), plain)
    }

    private mutating func native() -> (SeriesValue, Any) {
        let positive = NativeHistogramValue.Side(
            offset: Int32.random(in: -1000...1000, using: &random),
            counts: counts(Int.random(in: 0...160, using: &random)))
        let negative = NativeHistogramValue.Side(
            offset: Int32.random(in: -10...10, using: &random), counts: counts(Int.random(in: 0...20, using: &random)))
        let zeroCount = UInt64.random(in: 0...5, using: &random)
        let value = NativeHistogramValue(
            scale: Int32.random(in: -4...8, using: &random), zeroCount: zeroCount, positive: positive,
            negative: negative, count: zeroCount + (positive.counts + negative.counts).reduce(0, +), sum: double())
        let plain: [String: Any] = [
            "scale": value.scale, "zeroCount": zeroCount, "positive": [positive.offset, positive.counts] as [Any],
            "negative": [negative.offset, negative.counts] as [Any], "count": value.count, "sum": value.sum ?? 0,
        ]
        return (.nativeHistogram(value), plain)
    }
}
