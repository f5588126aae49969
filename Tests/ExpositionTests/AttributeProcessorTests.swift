import OTLP
import Patterns
import Series
import Settings
import Testing

@testable import Exposition

@Suite struct AttributeProcessorTests {
    private static func attribute(_ key: String, _ value: AttributeValue) -> Attribute {
        Attribute(key: Array(key.utf8), value: value)
    }

    private static func text(_ text: String) -> AttributeValue { .string(Array(text.utf8)) }

    private static func key(_ key: String) -> [UInt8] { Array(key.utf8) }

    private static let given = [attribute("a", text("1")), attribute("b", text("2"))]

    /// The effect of actions on the attributes of a point.
    private static func processed(
        _ actions: [AttributeProcessor.Action], of attributes: [Attribute] = given
    ) -> [Attribute] {
        let stream = StreamIdentity(
            resource: Resource(), scope: Scope(),
            metric: MetricIdentity(name: [], unit: [], kind: .sum, temporality: .delta, isMonotonic: true),
            attributes: attributes)
        return AttributeProcessor.process(
            stream, with: [AttributeProcessor(target: .dataPoints, actions: actions)]
        ).attributes
    }

    @Test(
        "a value is set if the key is missing, if it is present, or always",
        arguments: [
            (AttributeProcessor.Condition.missing, ["1", "2", "9"]), (.present, ["9", "2"]),
            (.always, ["9", "2", "9"]),
        ])
    func valuesAreSet(condition: AttributeProcessor.Condition, expected: [String]) {
        let result = Self.processed(
            ["a", "c"].map { .set(key: Self.key($0), condition, .text(Self.key("9"))) })
        #expect(result.map(\.value) == expected.map(Self.text))
        #expect(result.map(\.key) == ["a", "b", "c"].prefix(expected.count).map(Self.key))
    }

    @Test("from_attribute copies the current value of another attribute; without it nothing is set")
    func valuesAreCopied() {
        let result = Self.processed([
            .set(key: Self.key("z"), .always, .attribute(Self.key("a"))), .delete(key: Self.key("a")),
            .set(key: Self.key("y"), .always, .attribute(Self.key("a"))),
            .set(key: Self.key("0"), .always, .integer(7)),
        ])
        #expect(
            result == [
                Self.attribute("0", .int(7)), Self.attribute("b", Self.text("2")), Self.attribute("z", Self.text("1")),
            ])
    }

    @Test("resource processors do not change points, and attributes processors not resources")
    func targetsAreKeptApart() {
        let resource = Resource(attributes: Self.given)
        let delete = [AttributeProcessor.Action.delete(key: Self.key("a"))]
        let processors = [AttributeProcessor(target: .dataPoints, actions: delete)]
        #expect(AttributeProcessor.process(resource, with: processors) == resource)
        let others = [AttributeProcessor(target: .resource, actions: delete)]
        #expect(AttributeProcessor.process(resource, with: others).attributes == [Self.given[1]])
    }

    @Test("all values of a repeated key of a resource are replaced and deleted")
    func repeatedKeysAreOne() {
        let twice = Resource(attributes: Self.given + [Self.attribute("a", Self.text("3"))])
        func result(_ action: AttributeProcessor.Action) -> [Attribute] {
            AttributeProcessor.process(
                twice, with: [AttributeProcessor(target: .resource, actions: [action])]
            ).attributes
        }
        #expect(result(.delete(key: Self.key("a"))) == [Self.given[1]])
        #expect(
            result(.set(key: Self.key("c"), .always, .attribute(Self.key("a")))).last
                == Self.attribute("c", Self.text("3")))
    }

    @Test("a value is replaced by its hash, numbers by that of their bytes")
    func valuesAreHashed() {
        let result = Self.processed([
            .hash(key: Self.key("a")), .set(key: Self.key("b"), .always, .integer(1)), .hash(key: Self.key("b")),
            .hash(key: Self.key("missing")),
        ])
        #expect(
            result.map(\.value) == [
                Self.text("6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"),
                Self.text("7c9fa136d4413fa6173637e883b6998d32e1d675f88cddff9dcbcf331820f4b8"),
            ])
    }

    @Test("named groups become attributes and replace existing ones; text that does not match changes nothing")
    func groupsAreExtracted() throws {
        let pattern = try TextPattern("^(?P<z>[0-9])(?P<b>x)?")
        #expect(
            Self.processed([.extract(key: Self.key("a"), pattern)]) == [
                Self.attribute("a", Self.text("1")), Self.attribute("b", Self.text("")),
                Self.attribute("z", Self.text("1")),
            ])
        let others = [
            AttributeProcessor.Action.extract(key: Self.key("a"), try TextPattern("(?P<z>x)")),
            .extract(key: Self.key("missing"), pattern),
            .set(key: Self.key("n"), .always, .integer(7)), .extract(key: Self.key("n"), pattern),
            .delete(key: Self.key("n")),
        ]
        #expect(Self.processed(others) == Self.given)
    }

    @Test("text longer than the limit of labels is not matched")
    func longTextIsNotMatched() throws {
        for (length, isMatched) in [(4096, true), (4097, false)] {
            let text = Self.key(String(repeating: "x", count: length))
            let result = Self.processed([
                .set(key: Self.key("a"), .always, .text(text)),
                .extract(key: Self.key("a"), try TextPattern("^(?P<c>x)")),
            ])
            #expect(result.contains { $0.key == Self.key("c") } == isMatched)
        }
    }

    @Test("attributes are deleted and hashed by a pattern of their keys")
    func keysAreMatched() throws {
        #expect(Self.processed([.deleteMatching(try TextPattern("^a"))]) == [Self.given[1]])
        let hashed = Self.processed([.hashMatching(try TextPattern("a|x"))])
        #expect(
            hashed == [
                Self.attribute("a", Self.text("6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b")),
                Self.given[1],
            ])
    }

    @Test(
        "values are converted as in the Collector, or unchanged if they cannot be",
        arguments: [
            (text("12"), .int, .int(12)), (text("-3"), .int, .int(-3)), (text("1.5"), .int, text("1.5")),
            (text(" 1"), .int, text(" 1")), (.double(2.9), .int, .int(2)), (.double(-2.9), .int, .int(-2)),
            (.double(1e300), .int, .double(1e300)), (.double(.nan), .int, nil), (.bool(true), .int, .int(1)),
            (.int(4), .int, .int(4)), (text("1.5"), .double, .double(1.5)), (text("x"), .double, text("x")),
            (.int(3), .double, .double(3)), (.bool(false), .double, .double(0)), (.int(3), .string, text("3")),
            (.double(1.5), .string, text("1.5")), (.bool(true), .string, text("true")), (text("a"), .string, text("a")),
            (.array([.int(1)]), .int, .array([.int(1)])), (.array([.int(1)]), .string, text("[1]")),
        ] as [(AttributeValue, AttributeProcessor.ValueType, AttributeValue?)])
    func valuesAreConverted(value: AttributeValue, type: AttributeProcessor.ValueType, expected: AttributeValue?) {
        let result = Self.processed([.convert(key: Self.key("a"), type)], of: [Self.attribute("a", value)])
        if let expected { #expect(result.map(\.value) == [expected]) }
    }

    @Test("a processor changes only the points of its metrics")
    func onlyThoseMetricsAreChanged() throws {
        for (name, isChanged) in [("cost", true), ("tokens", false)] {
            var processor = AttributeProcessor(target: .dataPoints, actions: [.delete(key: Self.key("a"))])
            processor.metrics = .all([.any([.equals("cost")])])
            let stream = StreamIdentity(
                resource: Resource(), scope: Scope(),
                metric: MetricIdentity(
                    name: Self.key(name), unit: [], kind: .sum, temporality: .delta, isMonotonic: true),
                attributes: Self.given)
            let result = AttributeProcessor.process(stream, with: [processor]).attributes
            #expect(result == (isChanged ? [Self.given[1]] : Self.given))
        }
    }
}
