import OTLP
import Series
import Testing

@Suite struct IdentityTests {
    @Test("R-DM-02 the order of attributes never matters, empty keys do not count")
    func attributeOrderDoesNotMatter() throws {
        var harness = StoreHarness()
        let orders = [[("a", "1"), ("b", "2")], [("b", "2"), ("a", "1")], [("b", "2"), ("", "x"), ("a", "1")]]
        for (time, attributes) in orders.enumerated() {
            try harness.send(sum("c", .delta, point("1", time: Double(time + 1), attributes: attributes)))
        }
        #expect(harness.exposed() == ["c{a=1,b=2}": .int(3)])
        #expect(harness.store.counts.streams == 1)
    }

    @Test("R-DM-02 the order of resource attributes and scope keys never matters")
    func resourceOrderDoesNotMatter() throws {
        var harness = StoreHarness()
        let a = #"{"key":"a","value":{"stringValue":"1"}}"#
        let b = #"{"key":"b","value":{"stringValue":"2"}}"#
        try harness.send(
            sum("c", .delta, point("1", time: 1)), resource: "\(a),\(b)", scope: #"{"name":"s","version":"1"}"#)
        try harness.send(
            sum("c", .delta, point("1", time: 2)), resource: "\(b),\(a)", scope: #"{"version":"1","name":"s"}"#)
        #expect(harness.store.counts.streams == 1)
        #expect(harness.exposed() == ["c": .int(2)])
    }

    @Test(
        "R-DM-01 resource, scope, name, unit, type, temporality and attributes distinguish streams",
        arguments: [
            #"{"resourceMetrics":[{"resource":{"attributes":[{"key":"r","value":{"intValue":"1"}}]},"scopeMetrics":[{"scope":{"name":"s"},"metrics":[{"name":"c","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"asInt":1}]}}]}]}]}"#,
            #"{"resourceMetrics":[{"scopeMetrics":[{"scope":{"name":"t"},"metrics":[{"name":"c","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"asInt":1}]}}]}]}]}"#,
            #"{"resourceMetrics":[{"scopeMetrics":[{"scope":{"name":"s","version":"2"},"metrics":[{"name":"c","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"asInt":1}]}}]}]}]}"#,
            #"{"resourceMetrics":[{"scopeMetrics":[{"scope":{"name":"s","attributes":[{"key":"x","value":{"stringValue":"y"}}]},"metrics":[{"name":"c","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"asInt":1}]}}]}]}]}"#,
            #"{"resourceMetrics":[{"scopeMetrics":[{"scope":{"name":"s"},"schemaUrl":"u","metrics":[{"name":"c","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"asInt":1}]}}]}]}]}"#,
            #"{"resourceMetrics":[{"scopeMetrics":[{"scope":{"name":"s"},"metrics":[{"name":"d","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"asInt":1}]}}]}]}]}"#,
            #"{"resourceMetrics":[{"scopeMetrics":[{"scope":{"name":"s"},"metrics":[{"name":"c","unit":"s","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"asInt":1}]}}]}]}]}"#,
            #"{"resourceMetrics":[{"scopeMetrics":[{"scope":{"name":"s"},"metrics":[{"name":"c","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"asInt":1}]}}]}]}]}"#,
            #"{"resourceMetrics":[{"scopeMetrics":[{"scope":{"name":"s"},"metrics":[{"name":"c","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"asInt":1,"attributes":[{"key":"a","value":{"boolValue":true}}]}]}}]}]}]}"#,
        ])
    func everyPartTellsStreamsApart(other: String) throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .delta, point("1")), scope: #"{"name":"s"}"#)
        try harness.sendJSON(other)
        #expect(harness.store.counts.streams == 2)
    }

    @Test("R-DM-01 the description is not part of the identity; until it is shown the newest non-empty one is used")
    func descriptionIsNoIdentity() throws {
        var harness = StoreHarness()
        for description in ["", "first", "second"] {
            try harness.send(
                #"{"name":"c","description":"\#(description)","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"asInt":1,"attributes":[{"key":"d","value":{"stringValue":"\#(description)"}}]},{"asInt":1}]}}"#
            )
        }
        #expect(harness.store.counts.streams == 4)
        #expect(harness.store.snapshot(at: 0).families.map(\.help) == [Array("second".utf8)])
        #expect(harness.exposed()["c"] == .int(3))
    }

    @Test("values of another type are another stream; an integer and a text differ")
    func valueTypesTellStreamsApart() throws {
        var harness = StoreHarness()
        let values = [
            #"{"stringValue":"1"}"#, #"{"intValue":"1"}"#, #"{"doubleValue":1}"#, #"{"boolValue":true}"#,
            #"{"bytesValue":"AQ=="}"#, #"{"arrayValue":{"values":[{"intValue":"1"}]}}"#, "{}",
            #"{"kvlistValue":{"values":[{"key":"1","value":{"intValue":"1"}}]}}"#,
        ]
        for value in values + values {
            try harness.send(
                #"{"name":"c","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"asInt":1,"attributes":[{"key":"a","value":\#(value)}]}]}}"#
            )
        }
        #expect(harness.store.counts.streams == values.count)
    }

    @Test("raw forms of one stream are remembered up to the limit, and every form finds the stream")
    func aliasesAreBounded() throws {
        var settings = SeriesSettings()
        settings.aliasLimit = 3
        var harness = StoreHarness(settings)
        for round in 0..<2 {
            for spaces in 0..<10 {
                let gap = String(repeating: " ", count: spaces)
                try harness.send(
                    #"{"name":"c","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"asInt":1,"attributes":[\#(gap){"key":"a","value":{"stringValue":"\#(round > 9 ? "x" : "y")"}}]}]}}"#
                )
            }
        }
        #expect(harness.store.counts.streams == 1)
        #expect(harness.exposed() == ["c{a=y}": .int(20)])
    }

    @Test("an attribute that cannot be decoded is left out, and reported when its series is new")
    func malformedAttributeIsAbsent() throws {
        var harness = StoreHarness()
        let odd = #"{"asInt":1,"attributes":[{"key":"a","value":{"intValue":"no number"}},{"key":"b"}]}"#
        for round in 0..<2 {
            let outcome = try harness.send(sum("c", .delta, point("1", time: 1)), sum("d", .delta, odd))
            #expect(outcome.acceptedPoints == 2)
            #expect(outcome.losses[.attribute] == 1 - round)
            #expect(outcome.losses.reason.isEmpty == (round == 1))
        }
        #expect(harness.exposed() == ["c": .int(1), "d{b}": .int(2)])
        #expect(harness.store.counts.streams == 2)
    }

    @Test("points and metrics that cannot be decoded are rejected, the rest counts")
    func malformedPointIsRejected() throws {
        var harness = StoreHarness()
        let outcome = try harness.send(
            sum("c", .delta, point("1", time: 1), #"{"asInt":{}}"#, #"{"asInt":1,"timeUnixNano":""}"#),
            #"{"name":"d","sum":{"isMonotonic":"yes","dataPoints":[{"asInt":1},{"asInt":2}]}}"#)
        #expect(outcome.acceptedPoints == 1)
        #expect(outcome.rejected == [.malformed: 4])
        #expect(outcome.losses[.metric] == 1)
        #expect(harness.exposed() == ["c": .int(1)])
        #expect(harness.store.counters.rejectedPoints == [.malformed: 4])
    }

    @Test("an export in which nothing can be decoded is malformed")
    func nothingElseIsMalformed() {
        var harness = StoreHarness()
        #expect(throws: DecodingFailure.malformed("JSON, byte 56: an object is expected")) {
            try harness.sendJSON(#"{"resourceMetrics":[{"resource":{"attributes":[{"value":"no AnyValue"}]}}]}"#)
        }
    }

    @Test("an export without a resource counts after one that was rejected, in any encoding")
    func missingResource() throws {
        for encoding in [WireEncoding.protobuf, .json] {
            var harness = StoreHarness()
            let rejected = MetricsBatch(
                [histogram("h", .delta, bucketed([2, 1], [1, 1, 1], time: 1))], as: encoding)
            let counted = MetricsBatch([histogram("h", .delta, bucketed([1], [1, 1], time: 1))], as: encoding)
            let now = UnixNanoseconds(harness.now * 1e9)
            #expect(try harness.store.ingest(rejected, receivedAt: now).rejected == [.invalidHistogram: 1])
            #expect(try harness.store.ingest(counted, receivedAt: now).acceptedPoints == 1)
            #expect(harness.histogram()?.count == 2)
        }
    }
}
