/// Pieces of an OTLP JSON export of deltas, so that a test shows the text that is sent.
enum DraftJSON {
    /// - Parameters:
    ///   - metrics: JSON objects.
    ///   - resource: attributes, JSON objects.
    static func export(_ metrics: String..., resource: String = "") -> String {
        #"{"resourceMetrics":[{"resource":{"attributes":[\#(resource)]},"scopeMetrics":[{"metrics":["#
            + metrics.joined(separator: ",") + "]}]}]}"
    }

    static func attribute(_ key: String, _ value: String) -> String {
        #"{"key":"\#(key)","value":{"stringValue":"\#(value)"}}"#
    }

    /// Seconds after `TestExport.epoch` as nanoseconds.
    static func seconds(_ time: Int) -> String { "\(TestExport.epoch + UInt64(time) * 1_000_000_000)" }

    /// A monotonic sum; `fields` are those of its only point, `metric` further ones of the metric, with a comma.
    static func sum(_ name: String, temporality: Int = 1, metric: String = "", _ fields: String) -> String {
        #"{"name":"\#(name)",\#(metric)"sum":{"aggregationTemporality":\#(temporality),"isMonotonic":true,"#
            + #""dataPoints":[{\#(fields)}]}}"#
    }

    static func times(_ start: Int, _ time: Int) -> String {
        #""startTimeUnixNano":"\#(seconds(start))","timeUnixNano":"\#(seconds(time))""#
    }

    /// An exemplar without ids.
    static func exemplar(_ value: Double, time: Int) -> String {
        #"{"asDouble":\#(value),"timeUnixNano":"\#(seconds(time))"}"#
    }

    static func histogram(
        _ name: String, bounds: [Double], counts: [Int], start: Int, time: Int, exemplars: String = ""
    ) -> String {
        #"{"name":"\#(name)","histogram":{"aggregationTemporality":1,"dataPoints":[{\#(times(start, time)),"sum":4,"#
            + #""count":"\#(counts.reduce(0, +))","explicitBounds":\#(bounds),"bucketCounts":\#(counts),"#
            + #""exemplars":[\#(exemplars)]}]}}"#
    }

    static func summary(_ name: String, count: Int, start: Int, time: Int, quantiles: String = "") -> String {
        #"{"name":"\#(name)","summary":{"dataPoints":[{\#(times(start, time)),"count":"\#(count)","sum":4,"#
            + #""quantileValues":[\#(quantiles)]}]}}"#
    }
}
