/// Exports of one metric, in OTLP JSON.
enum TestExport {
    /// Seconds are counted from here, 2023-11-14T22:13:20Z.
    static let epoch: UInt64 = 1_700_000_000_000_000_000

    enum Temporality: Int {
        case delta = 1
        case cumulative = 2
    }

    /// A monotonic sum with one point.
    /// - Parameters:
    ///   - start, time: seconds after `epoch`; nil: the point has none.
    static func sum(
        _ name: String, _ value: Int, _ temporality: Temporality = .delta, start: Int? = 0, time: Int? = 10,
        attributes: [String: String] = [:]
    ) -> String {
        let point = point(value, start: start, time: time, attributes: attributes)
        return export(
            #"{"name":"\#(name)","sum":{"aggregationTemporality":\#(temporality.rawValue),"isMonotonic":true,"#
                + #""dataPoints":[\#(point)]}}"#)
    }

    /// A gauge with one point.
    static func gauge(_ name: String, _ value: Int, time: Int? = 10, attributes: [String: String] = [:]) -> String {
        let point = point(value, start: nil, time: time, attributes: attributes)
        return export(#"{"name":"\#(name)","gauge":{"dataPoints":[\#(point)]}}"#)
    }

    /// A monotonic delta sum with a point of value 1 for each number, which is its attribute `k`.
    static func manySeries(_ name: String, _ numbers: Range<Int>, labels: [String: String] = [:]) -> String {
        let points = numbers.map { number in
            point(1, start: 0, time: 10, attributes: labels.merging(["k": "\(number)"]) { $1 })
        }
        return export(
            #"{"name":"\#(name)","sum":{"aggregationTemporality":1,"isMonotonic":true,"#
                + #""dataPoints":[\#(points.joined(separator: ","))]}}"#)
    }

    private static func export(_ metric: String) -> String {
        #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[\#(metric)]}]}]}"#
    }

    private static func point(_ value: Int, start: Int?, time: Int?, attributes: [String: String]) -> String {
        var fields = [#""asInt":"\#(value)""#]
        if let start { fields.append(#""startTimeUnixNano":"\#(nanoseconds(start))""#) }
        if let time { fields.append(#""timeUnixNano":"\#(nanoseconds(time))""#) }
        let pairs = attributes.sorted { $0.key < $1.key }
            .map { #"{"key":"\#($0.key)","value":{"stringValue":"\#($0.value)"}}"# }
        if !pairs.isEmpty { fields.append(#""attributes":[\#(pairs.joined(separator: ","))]"#) }
        return "{\(fields.joined(separator: ","))}"
    }

    private static func nanoseconds(_ seconds: Int) -> UInt64 { epoch + UInt64(seconds) * 1_000_000_000 }
}
