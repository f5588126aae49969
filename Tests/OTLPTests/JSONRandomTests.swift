import Foundation
import Settings
import Testing

@testable import OTLP

/// Random and mutated inputs.
struct JSONRandomTests {
    /// Bytes for mutations: those on which a scanner branches.
    private static let pieces =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud834", "\\udd1e", "null", "true", "0", "-", "1e", ".5",
            "e400",
            "99999999999999999999", "\"asInt\":", "\"dataPoints\":[{}],", "\"sum\":{},", "{\"key\":\"",
            "\",\"value\":{\"", "é", "😀",
            "\u{0}", "\n", " ", "\u{1F}", "\"attributes\":null,", "[[[[[[[[[[[[[[[[", "{\"a\":{\"a\":{\"a\":{\"a\":",
        ].map { Array($0.utf8) } + [[0x80], [0xFF], [0xC3], [0xED, 0xA0, 0x80]]

    @Test("mutated exports are refused or decoded, and decoded parts can be decoded again", arguments: 0..<8)
    func mutatedExportsNeverCrash(seed: Int) throws {
        var generator = SeededRandom(seed: UInt64(seed))
        let samples = JSONSamples.all.map { Array($0.utf8) }
        let guarded = GuardedBytes(capacity: 1 << 16)
        var batch = MetricsBatch(limits: DecodingLimits { $0.maxDecodingMemory = 1 << 20 })
        let reader = AttributeReader(encoding: .json)
        var acceptedCount = 0
        for _ in 0..<4_000 {
            var body = samples[Int.random(in: 0..<samples.count, using: &generator)]
            for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&body, &generator) }
            try guarded.withCopy(of: body) { raw in
                do throws(DecodingFailure) {
                    try batch.decode(raw, as: .json)
                } catch {
                    #expect(batch.metrics.isEmpty && batch.points.numbers.isEmpty)
                    return
                }
                acceptedCount += 1
                for point in batch.points.numbers {
                    try checkReread(point.attributes)
                    _ = try? reader.attributes(point.attributes)
                }
                for exemplar in batch.points.exemplars { try checkReread(exemplar.filteredAttributes) }
                // Everything that points refer to exists; only attributes may still be malformed.
                _ = try? ReadExport(batch)
                for resource in batch.resources {
                    try checkReread(resource.bytes)
                    _ = try? reader.resource(resource.bytes)
                }
                for scope in batch.scopes {
                    try checkReread(scope.bytes)
                    _ = try? reader.scope(scope.bytes)
                }
                for metric in batch.metrics {
                    #expect(String(validating: metric.name, as: UTF8.self) != nil)
                    #expect(metric.points.upperBound <= batch.points.count(of: metric.kind))
                    try checkReread(metric.metadata)
                }
            }
        }
        // Otherwise the second half was never tested.
        #expect(acceptedCount > 100)
    }

    /// Every text in a batch is one JSON value.
    private func checkReread(_ text: UnsafeRawBufferPointer) throws {
        if !text.isEmpty { try skipWhole(text) }
    }

    private func skipWhole(_ text: UnsafeRawBufferPointer) throws {
        var json = try JSONScanner(text, limits: DecodingLimits())
        try json.skipValue()
        try json.tokens.finish()
    }

    private func mutate(_ body: inout [UInt8], _ generator: inout SeededRandom) {
        guard !body.isEmpty else { return }
        let place = Int.random(in: 0..<body.count, using: &generator)
        let length = min(body.count - place, Int.random(in: 1...24, using: &generator))
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: body[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: body[place] = UInt8.random(in: 0...255, using: &generator)
        case 2: body.removeSubrange(place..<place + length)
        case 3:
            body.insert(contentsOf: Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &generator)], at: place)
        case 4:
            body.insert(
                contentsOf: Array(body[place..<place + length]), at: Int.random(in: 0..<body.count, using: &generator))
        case 5: body[place] = UInt8(ascii: "0") + UInt8.random(in: 0..<10, using: &generator)
        default:
            // A character of the text itself, which leaves more of them well-formed.
            body[place] = body[Int.random(in: 0..<body.count, using: &generator)]
        }
    }

    @Test("attributes in the common form are skipped like all others", arguments: 0..<4)
    func usualAttributesArePassedAsOthers(seed: Int) throws {
        var generator = SeededRandom(seed: UInt64(200 + seed))
        let usual = Array(
            (#"[{"key":"http.route","value":{"stringValue":"/api/v1/items"}},{"key":"n","value":{"intValue":"200"}},"#
                + #"{"key":"","value":{"stringValue":""}},{"key":"a","value":{"boolValue":true}}]"#).utf8)
        let guarded = GuardedBytes(capacity: 1 << 12)
        var acceptedCount = 0
        for depth in 1...64 {
            for _ in 0..<100 {
                var body = usual
                for _ in 0..<Int.random(in: 0...2, using: &generator) { mutate(&body, &generator) }
                let limits = DecodingLimits { $0.maxAttributeDepth = depth % 8 }
                try guarded.withCopy(of: body) { raw in
                    guard raw.first == UInt8(ascii: "[") else { return }
                    var json = try JSONScanner(raw, limits: limits)
                    var plain = json
                    let isPassed = (try? json.attributesText()) != nil
                    let isSkipped = (try? plain.skipValue()) != nil
                    #expect(isPassed == isSkipped, "\(text(raw))")
                    if isPassed { #expect(json.tokens.position == plain.tokens.position, "\(text(raw))") }
                    if isPassed { acceptedCount += 1 }
                }
            }
        }
        #expect(acceptedCount > 500)
    }

    @Test("RFC 8259 valid JSON is the same as for Foundation", arguments: 0..<4)
    func acceptsWhatFoundationAccepts(seed: Int) throws {
        var generator = SeededRandom(seed: UInt64(100 + seed))
        var acceptedCount = 0
        for _ in 0..<5_000 {
            var document = ""
            appendValue(&document, depth: 0, &generator)
            if Bool.random(using: &generator) { damage(&document, &generator) }
            // Foundation accepts a comma before a closing bracket, and refuses exponents beyond a double and half a
            // surrogate pair.
            guard !document.contains(/,\s*[\]}]|[eE][+-]?\d{3}/), !hasHalfAPair(document) else { continue }
            let bytes = Array(document.utf8)
            let isJSON = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
            let isTaken = (try? bytes.withUnsafeBytes(skipWhole)) != nil
            #expect(isTaken == isJSON, "\(document.debugDescription)")
            if isTaken { acceptedCount += 1 }
        }
        #expect(acceptedCount > 1_000)
    }

    private func hasHalfAPair(_ document: String) -> Bool {
        document.replacing(/\\\\|\\u[dD][89abAB][[:xdigit:]]{2}\\u[dD][c-fC-F][[:xdigit:]]{2}/, with: "")
            .contains(/\\u[dD][89a-fA-F]/)
    }

    private func appendValue(_ document: inout String, depth: Int, _ generator: inout SeededRandom) {
        let space = ["", "", "", " ", "\n\t", "\r "]
        document += space[Int.random(in: 0..<space.count, using: &generator)]
        switch Int.random(in: 0..<(depth < 5 ? 9 : 6), using: &generator) {
        case 0: document += "null"
        case 1: document += "true"
        case 2: document += "false"
        case 3, 4: document += Self.numbers[Int.random(in: 0..<Self.numbers.count, using: &generator)]
        case 5: document += string(&generator)
        case 6, 7:
            let count = Int.random(in: 0...3, using: &generator)
            document += "["
            for index in 0..<count {
                if index > 0 { document += "," }
                appendValue(&document, depth: depth + 1, &generator)
            }
            document += "]"
        default:
            let count = Int.random(in: 0...3, using: &generator)
            document += "{"
            for index in 0..<count {
                if index > 0 { document += "," }
                // Different keys, since the meaning of equal ones is not defined.
                document += "\"\(index)" + string(&generator).dropFirst() + ":"
                appendValue(&document, depth: depth + 1, &generator)
            }
            document += "}"
        }
        document += space[Int.random(in: 0..<space.count, using: &generator)]
    }

    private func string(_ generator: inout SeededRandom) -> String {
        let parts = [
            "a", "key", "\\n", "\\\"", "\\\\", "\\/", "\\u0041", "\\ud834\\udd1e", "é", "日本", "😀", " ", "{", "]", ",",
            "'",
        ]
        let count = Int.random(in: 0...6, using: &generator)
        return "\"" + (0..<count).map { _ in parts[Int.random(in: 0..<parts.count, using: &generator)] }.joined() + "\""
    }

    /// Unambiguous violations of RFC 8259.
    private func damage(_ document: inout String, _ generator: inout SeededRandom) {
        let characters = Array("{}[],:\"0123456789.-+eEtfn \n/'x")
        var text = Array(document)
        let place = Int.random(in: 0...text.count, using: &generator)
        let character = characters[Int.random(in: 0..<characters.count, using: &generator)]
        if Bool.random(using: &generator) || place == text.count {
            text.insert(character, at: place)
        } else if Bool.random(using: &generator) {
            text[place] = character
        } else {
            text.remove(at: place)
        }
        document = String(text)
    }

    private static let numbers = [
        "0", "-0", "7", "-12", "1.5", "0.25", "-3.75e2", "1E3", "2e-5", "6e+7", "123456789", "10.0",
    ]
}
