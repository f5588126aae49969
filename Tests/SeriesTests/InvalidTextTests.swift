import OTLP
import Series
import Testing

/// Attribute values that are not UTF-8, which only protobuf can carry (docs/decisions/0005).
@Suite struct InvalidTextTests {
    private static let bad: [UInt8] = [0xFF, 0xFE]
    private static let good = Array("v".utf8)

    /// The attribute at each level of an export; nil: none.
    private struct Values {
        var resource: [UInt8]?
        var scope: [UInt8]?
        /// The attribute `k` of each point.
        var points: [[UInt8]] = []
        /// Whether the points' values are elements of a list.
        var isNested = false
    }

    private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(content.count)] + content
    }

    private static func keyValue(_ text: [UInt8], isNested: Bool = false) -> [UInt8] {
        let value = field(1, text)
        return field(1, Array("k".utf8)) + field(2, isNested ? field(5, field(1, value)) : value)
    }

    /// An export of the delta sum `c`, every point of which is 1.
    private static func export(_ values: Values) -> [UInt8] {
        let points = values.points.map { text in
            // The value, as_int, stands in a fixed64.
            field(1, field(7, keyValue(text, isNested: values.isNested)) + [6 << 3 | 1, 1, 0, 0, 0, 0, 0, 0, 0])
        }
        let sum = points.flatMap(\.self) + [2 << 3, 1, 3 << 3, 1]
        let metric = field(1, Array("c".utf8)) + field(7, sum)
        let scope = values.scope.map { field(1, field(3, keyValue($0))) } ?? []
        let resource = values.resource.map { field(1, field(1, keyValue($0))) } ?? []
        return field(1, resource + field(2, scope + field(2, metric)))
    }

    private func send(_ values: Values, to harness: inout StoreHarness) throws -> ExportOutcome {
        try Self.export(values).withUnsafeBytes { bytes in
            try harness.batch.decode(bytes, as: .protobuf)
            return try harness.store.ingest(harness.batch, receivedAt: UnixNanoseconds(harness.now * 1e9))
        }
    }

    @Test(
        "R-PB-05 R-HTTP-07 a value that is not UTF-8 rejects only its point, every time",
        arguments: [false, true])
    func valueOfPoint(isNested: Bool) throws {
        var harness = StoreHarness()
        for round in 1...3 {
            let outcome = try send(Values(points: [Self.good, Self.bad, Self.good], isNested: isNested), to: &harness)
            #expect(outcome.rejected == [.invalidText: 1])
            #expect(outcome.acceptedPoints == 2)
            #expect(outcome.firstRejectedMetric == "c")
            #expect(harness.exposed().values.map(\.self) == [.int(Int64(2 * round))])
        }
        #expect(harness.store.counters.rejectedPoints == [.invalidText: 3])
        #expect(harness.store.counts.streams == 1)
    }

    @Test("R-PB-05 a value of a resource or scope that is not UTF-8 rejects all its points", arguments: [false, true])
    func valueOfResourceOrScope(isResource: Bool) throws {
        var harness = StoreHarness()
        for _ in 1...2 {
            let values = Values(
                resource: isResource ? Self.bad : nil, scope: isResource ? nil : Self.bad,
                points: [Self.good, Self.bad])
            let outcome = try send(values, to: &harness)
            #expect(outcome.rejected == [.invalidText: 2])
            #expect(outcome.acceptedPoints == 0)
        }
        #expect(harness.exposed().isEmpty)
        #expect(harness.store.counts.streams == 0)
        let outcome = try send(
            Values(resource: Self.good, scope: Self.good, points: [Self.good]), to: &harness)
        #expect(outcome.acceptedPoints == 1)
    }
}
