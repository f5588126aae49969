import OTLP
import Series
import Testing

@testable import Exposition

/// Hostile attributes, parsed back from the text.
@Suite struct RandomLabelTests {
    private static let keyPieces = [
        "a", "b", "A", "1", "9", ".", "_", "__", "-", " ", "é", "温", "\"", "\\", "\n", "\0", "=", ",", "{", "}", ":",
        "job", "instance", "le", "quantile", "otel.scope.", "name", "exported_", "key_",
    ]
    private static let valuePieces = [
        "a", "\"", "\\", "\n", "\\n", "\r", "\0", ",", "=", "{", "}", " ", "é", "😀", "\u{2028}", "#", "x=\"y\"", "",
    ]

    private static func string(_ pieces: [String], upTo limit: Int, _ random: inout SeededRandom) -> String {
        (0..<Int.random(in: 0...limit, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
    }

    private static func value(_ random: inout SeededRandom) -> AttributeValue {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .int(Int64(bitPattern: random.next()))
        case 1: .bool(random.next() & 1 == 0)
        case 2: .double(Double(bitPattern: random.next()))
        case 3: .array([value(&random), .text(string(valuePieces, upTo: 4, &random))])
        case 4: .keyValues([Attribute(string(keyPieces, upTo: 3, &random), value(&random))])
        case 5: .bytes(withUnsafeBytes(of: random.next()) { Array($0) })
        default: .text(string(valuePieces, upTo: 6, &random))
        }
    }

    /// Up to 12 attributes with unique keys, sorted, as from the store.
    private static func attributes(_ random: inout SeededRandom) -> [Attribute] {
        var byKey: [[UInt8]: AttributeValue] = [:]
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            byKey[Array(string(keyPieces, upTo: 3, &random).utf8)] = value(&random)
        }
        return byKey.map { Attribute(key: $0, value: $1) }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }

    /// The label of a key, by the documented rules.
    private static func labelName(_ key: String) -> String {
        let name = String(
            String.UnicodeScalarView(
                key.unicodeScalars.map {
                    $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil) ? $0 : "_"
                }))
        if name.allSatisfy({ $0 == "_" }) {
            return "key_" + key.unicodeScalars.map { String($0.value, radix: 16) }.joined(separator: "_")
        }
        if name.first?.isNumber == true { return "key_" + name }
        let isReserved =
            ["job", "instance", "le", "quantile"].contains(name) || name.hasPrefix("__")
            || name.hasPrefix("otel_scope_")
        return isReserved ? "exported_" + name : name
    }

    private static func expectedLabels(of attributes: [Attribute]) -> [String: String] {
        var expected: [String: String] = ["job": "svc", "otel_scope_name": "scope"]
        for attribute in attributes where !attribute.key.isEmpty {
            var text: [UInt8] = []
            AttributeText.append(attribute.value, to: &text)
            let value = String(decoding: text, as: UTF8.self)
            let name = labelName(String(decoding: attribute.key, as: UTF8.self))
            expected[name] = expected[name].map { $0 + ";" + value } ?? value
        }
        return expected.filter { !$0.value.isEmpty }
    }

    @Test("R-LAB-02..07 R-LAB-14 random attributes give legal, unique, sorted labels that read back", arguments: 1...20)
    func randomAttributesReadBack(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let translation = PrometheusTranslation()
        for _ in 0..<100 {
            let attributes = Self.attributes(&random)
            let stream = StreamIdentity(
                MetricIdentity("m"), attributes, resource: [Attribute("service.name", "svc")], scope: Scope("scope"))
            let help = Self.string(Self.valuePieces, upTo: 5, &random)
            let value = Double(bitPattern: random.next())
            let snapshot = try SeriesSnapshot([(stream, .double(value))], help: help, translation: translation)
            let family = try #require(try ParsedExposition(text(of: snapshot)).families.first)
            let sample = try #require(family.samples.first)
            let expected = Self.expectedLabels(of: attributes)
            // Bytes, since strings compare by canonical equivalence.
            #expect(
                sample.labels.mapValues { Array($0.utf8) } == expected.mapValues { Array($0.utf8) }, "\(attributes)")
            #expect(
                sample.labelNames
                    == sample.labelNames.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
            #expect(Array(family.help.utf8) == Array(help.utf8))
            #expect(sample.value == value || (sample.value.isNaN && value.isNaN))
        }
    }

    @Test("R-LAB-04 the order in which attributes arrive never matters", arguments: 1...5)
    func orderDoesNotMatter(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let translation = PrometheusTranslation()
        for _ in 0..<100 {
            var stream = StreamIdentity(MetricIdentity("m"), Self.attributes(&random))
            stream.scope.attributes = Self.attributes(&random)
            let expected = try translation.exposure(of: stream)
            stream.attributes.shuffle(using: &random)
            stream.scope.attributes.shuffle(using: &random)
            #expect(try translation.exposure(of: stream) == expected)
        }
    }
}
