internal import OTLP

/// The data of `odometer send-test`: one export of metrics and one of logs, in OTLP's JSON.
struct SampleExport {
    /// `service.name` of all data, by which it can be found and removed.
    static let service = "odometer-send-test"
    /// The prefix of all its metrics.
    static let prefix = "send_test"
    /// The OTLP name of the metric that grows by 1 with every run.
    static let counter = "send_test.runs"
    static let pointCount = 3

    /// The time of sending.
    var now: UnixNanoseconds

    /// A counter, a gauge and a histogram with a point each. Deltas, so that runs add up.
    var metrics: String {
        let times = #""startTimeUnixNano":"\#(now - 1_000_000_000)","timeUnixNano":"\#(now)""#
        let counter =
            #"{"name":"\#(Self.counter)","unit":"{run}","sum":{"aggregationTemporality":1,"isMonotonic":true,"#
            + #""dataPoints":[{\#(times),"asInt":"1"}]}}"#
        let gauge =
            #"{"name":"send_test.time","unit":"s","gauge":{"dataPoints":[{"timeUnixNano":"\#(now)","#
            + #""asInt":"\#(now / 1_000_000_000)"}]}}"#
        let histogram =
            #"{"name":"send_test.duration","unit":"s","histogram":{"aggregationTemporality":1,"dataPoints":["#
            + #"{\#(times),"count":"1","sum":0.5,"explicitBounds":[0.1,1],"bucketCounts":["0","1","0"]}]}}"#
        let metrics = [counter, gauge, histogram].joined(separator: ",")
        return #"{"resourceMetrics":[{\#(Self.resource),"scopeMetrics":[{\#(Self.scope),"metrics":[\#(metrics)]}]}]}"#
    }

    /// One record.
    var logs: String {
        let record =
            #"{"timeUnixNano":"\#(now)","severityNumber":9,"severityText":"INFO","#
            + #""body":{"stringValue":"a test record of odometer send-test"}}"#
        return #"{"resourceLogs":[{\#(Self.resource),"scopeLogs":[{\#(Self.scope),"logRecords":[\#(record)]}]}]}"#
    }

    private static let resource =
        #""resource":{"attributes":[{"key":"service.name","value":{"stringValue":"\#(service)"}}]}"#

    private static let scope = #""scope":{"name":"\#(service)","version":"\#(Version.current)"}"#
}
