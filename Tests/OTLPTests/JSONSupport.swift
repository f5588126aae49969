import Foundation
import OTLP
import Settings
import Testing

/// A copy of a batch, for comparisons.
struct DecodedExport: Equatable {
    struct Metric: Equatable {
        var resource = ""
        var scope = ""
        var schemaURL = ""
        var name = ""
        var description = ""
        var unit = ""
        var kind = MetricKind.none
        var temporality = Temporality.unspecified
        var isMonotonic = false
        /// Of gauges and sums only.
        var points: [Point] = []
        /// Points of the other kinds.
        var distributionCount = 0
    }

    struct Point: Equatable {
        var attributes = ""
        var startTime: UInt64 = 0
        var time: UInt64 = 0
        var value = NumberValue.missing
        var flags: UInt32 = 0
    }

    var metrics: [Metric] = []
    var resourceCount = 0
    var scopeCount = 0
    var pointCount = 0
    var losses = DecodingLosses()

    init(_ batch: borrowing MetricsBatch) {
        resourceCount = batch.resources.count
        scopeCount = batch.scopes.count
        pointCount = batch.pointCount
        losses = batch.losses
        for raw in batch.metrics {
            let scope = batch.scopes[Int(raw.scope)]
            var metric = Metric()
            metric.resource = text(batch.resources[Int(scope.resource)].bytes)
            metric.scope = text(scope.bytes)
            metric.schemaURL = text(scope.schemaURL)
            metric.name = text(raw.name)
            metric.description = text(raw.description)
            metric.unit = text(raw.unit)
            metric.kind = raw.kind
            metric.temporality = raw.temporality
            metric.isMonotonic = raw.isMonotonic
            if raw.kind == .gauge || raw.kind == .sum {
                metric.points = batch.points.numbers[raw.points].map {
                    Point(
                        attributes: text($0.attributes), startTime: $0.startTime, time: $0.time, value: $0.value,
                        flags: $0.flags)
                }
            } else {
                metric.distributionCount = raw.points.count
            }
            metrics.append(metric)
        }
    }
}

func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

/// Decodes a JSON export that ends where readable memory ends.
func decodeJSON(_ body: [UInt8], limits: DecodingLimits = DecodingLimits()) throws -> DecodedExport {
    let guarded = GuardedBytes(capacity: body.count)
    return try guarded.withCopy(of: body) { raw in
        var batch = MetricsBatch(limits: limits)
        try batch.decode(raw, as: .json)
        return DecodedExport(batch)
    }
}

func decodeJSON(_ body: String, limits: DecodingLimits = DecodingLimits()) throws -> DecodedExport {
    try decodeJSON(Array(body.utf8), limits: limits)
}

/// The points of the gauge whose `dataPoints` are `points`.
func decodePoints(_ points: String) throws -> [DecodedExport.Point] {
    try #require(try decodeMetric(#"{"gauge":{"dataPoints":\#(points)}}"#)).points
}

/// The only metric of an export with `metric`.
func decodeMetric(_ metric: String) throws -> DecodedExport.Metric? {
    try decodeJSON(export(metric)).metrics.first
}

func export(_ metric: String) -> String {
    #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[\#(metric)]}]}]}"#
}

/// Expects that the export is refused as malformed.
func expectMalformed(
    _ body: @autoclosure () throws -> some Any, _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(comment, sourceLocation: sourceLocation) {
        _ = try body()
    } throws: { error in
        if case DecodingFailure.malformed = error { true } else { false }
    }
}

/// Expects that the export is accepted without one part, which is reported.
func expectLost(
    _ part: ExportPart, _ body: @autoclosure () throws -> DecodedExport, _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(throws: Never.self, comment, sourceLocation: sourceLocation) {
        let losses = try body().losses
        for each in ExportPart.allCases {
            #expect(losses[each] == (each == part ? 1 : 0), comment, sourceLocation: sourceLocation)
        }
        #expect(losses.reason.hasPrefix("JSON, byte "), comment, sourceLocation: sourceLocation)
    }
}

/// Expects that an export of one gauge with this point is accepted, but the point rejected.
func expectLostPoint(
    _ point: String, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
    expectLost(
        .point, try decodeJSON(export(#"{"gauge":{"dataPoints":[\#(point)]}}"#)), comment ?? Comment(rawValue: point),
        sourceLocation: sourceLocation)
}

/// Memory followed by an inaccessible page: reading one byte too far crashes the test run.
final class GuardedBytes {
    private let start: UnsafeMutableRawPointer
    private let readableCount: Int
    private let mappedCount: Int

    init(capacity: Int) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        readableCount = (max(capacity, 1) + page - 1) / page * page
        mappedCount = readableCount + page
        let mapping = mmap(nil, mappedCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
        guard let mapping, mapping != MAP_FAILED else { preconditionFailure("no memory for a test") }
        start = mapping
        precondition(mprotect(start + readableCount, page, PROT_NONE) == 0)
    }

    deinit { munmap(start, mappedCount) }

    func withCopy<Result>(of bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        precondition(bytes.count <= readableCount)
        let target = UnsafeMutableRawBufferPointer(start: start + readableCount - bytes.count, count: bytes.count)
        target.copyBytes(from: bytes)
        return try body(UnsafeRawBufferPointer(target))
    }
}

/// Exports with something of everything.
enum JSONSamples {
    static let sums = #"""
        {"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}],
        "droppedAttributesCount":0},"scopeMetrics":[{"scope":{"name":"scope","version":"1.0"},"schemaUrl":"https://s/1",
        "metrics":[{"name":"tokens","description":"Tokens \u00fcsed","unit":"{token}","sum":{"dataPoints":[
        {"attributes":[{"key":"type","value":{"stringValue":"input"}},{"key":"n","value":{"intValue":"7"}}],
        "startTimeUnixNano":"1700000000000000000","timeUnixNano":"1700000060000000000","asDouble":902.1659504395827},
        {"attributes":[{"key":"ключ","value":{"boolValue":true}}],"timeUnixNano":1700000060000000000,"asInt":"12",
        "flags":1,"exemplars":[{"timeUnixNano":"5","asInt":3,"traceId":"5B8EFFF798038103D269B633813FC60C",
        "spanId":"eee19b7ec3c1b174","filteredAttributes":[{"key":"user","value":{"stringValue":"\ud83d\ude00"}}]}]}],
        "aggregationTemporality":1,"isMonotonic":true},"metadata":[]},
        {"name":"temp","gauge":{"dataPoints":[{"asDouble":-1.5e-3},{"asDouble":"NaN","flags":"0"}]}}]}]}]}
        """#

    static let histograms = #"""
        {"resource_metrics":[{"scope_metrics":[{"metrics":[
        {"name":"h","histogram":{"aggregation_temporality":"AGGREGATION_TEMPORALITY_DELTA","data_points":[
        {"count":"3","sum":4.5,"bucketCounts":["1",2],"explicitBounds":[1.0],"min":0.5,"max":3e0}]}},
        {"name":"e","exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[{"count":5,"sum":1,"scale":-3,
        "zeroCount":"1","zeroThreshold":1e-9,"positive":{"offset":-7,"bucketCounts":["1","3"]},
        "negative":{"offset":0,"bucketCounts":[]}},{}]}},
        {"name":"s","summary":{"dataPoints":[{"count":"2","sum":3,
        "quantileValues":[{"quantile":0.5,"value":1.25},{"quantile":0.99,"value":2}]}]}}],"schema_url":""}],
        "schemaUrl":"","unknown":{"a":[1,-2.5e10,true,false,null,"\u0041\"\\\/\b\f\n\r\t",[],{}]}}]}
        """#

    static let attributes = #"""
        {"resourceMetrics":[{"resource":{"attributes":[{"key":"a","value":{"arrayValue":{"values":[{"stringValue":"x"},
        {"intValue":"-1"},{"boolValue":false},{},{"doubleValue":2.5},{"bytesValue":"AP9oaQ=="},
        {"kvlistValue":{"values":[{"key":"k","value":{"arrayValue":{"values":[]}}}]}}]}}}]},
        "scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"asInt":1,"attributes":[
        {"key":"é","value":{"stringValue":"日本語 𝄞"}},{"key":"n","value":null},{"value":{"intValue":1e3}}]}]}}]}]}]}
        """#

    static let all = [sums, histograms, attributes]
}
