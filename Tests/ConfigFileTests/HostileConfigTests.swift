import Foundation
import Testing

@testable import ConfigFile

/// Truncated and randomly changed configurations: none may trap, hang, or produce a message of more than one line.
@Suite struct HostileConfigTests {
    private static let seeds =
        (Fixtures.names(in: "good").map { Fixtures.path("good", $0) }
            + Fixtures.names(in: "bad").map { Fixtures.path("bad", $0) }
            + [Fixtures.repository.appending(path: "Config/odometer.yaml").path])

    private func check(_ text: [UInt8]) {
        do throws(ConfigFailure) {
            let config = try ConfigLoader.load(files: ["env:TEXT"]) {
                $0 == "TEXT" ? String(decoding: text, as: UTF8.self) : nil
            }
            #expect(!config.otlpHTTP.isEmpty || !config.otlpGRPC.isEmpty)
            #expect(!config.prometheus.isEmpty)
        } catch {
            #expect(!error.lines.isEmpty)
            #expect(error.lines.count <= 21)
            for line in error.lines {
                #expect(!line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f })
                #expect(line.utf8.count < 20_000)
            }
        }
        // Bytes that are not UTF-8 would be replaced in a String.
        _ = try? YAMLTreeBuilder.parse(text, file: "hostile.yaml")
    }

    @Test func everyTruncationIsReadOrRefused() throws {
        for name in ["compose_quickstart", "anchors_and_merge_keys", "environment"] {
            let bytes = Array(try Data(contentsOf: URL(filePath: Fixtures.path("good", name))))
            for end in 0...bytes.count {
                check(Array(bytes[..<end]))
            }
        }
    }

    @Test("random changes are read or refused", arguments: 0..<4)
    func mutationsAreReadOrRefused(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let corpus = try Self.seeds.map { Array(try Data(contentsOf: URL(filePath: $0))) }
        let tokens = [
            "&a ", "*a", "<<: ", "[", "]", "{", "}", ": ", "- ", "\n", "  ", "|", ">", "'", "\"", "#", "!!str ", "${",
            "}",
            "$", "?", "---\n", "\t", "\u{0}", "\u{feff}", "ÿ", "9223372036854775808", "-1", "~",
        ].map { Array($0.utf8) }
        for _ in 0..<400 {
            var bytes = corpus[Int(random.next() % UInt64(corpus.count))]
            for _ in 0...(random.next() % 6) {
                let place = bytes.isEmpty ? 0 : Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes.insert(contentsOf: tokens[Int(random.next() % UInt64(tokens.count))], at: place)
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int(random.next() % 8)))
                case 2 where !bytes.isEmpty: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                default:
                    let other = corpus[Int(random.next() % UInt64(corpus.count))]
                    let start = other.isEmpty ? 0 : Int(random.next() % UInt64(other.count))
                    bytes.insert(contentsOf: other[start..<min(other.count, start + 40)], at: place)
                }
            }
            check(bytes)
        }
    }

    private static let largeFiles: [String: @Sendable () -> String] = [
        "open lists": { String(repeating: "[", count: 1 << 20) },
        "open mappings": { String(repeating: "{a: ", count: 200_000) },
        "lists in lists": { String(repeating: "- ", count: 500_000) },
        "keys in keys": { String(repeating: "? ", count: 500_000) },
        "one key": { String(repeating: "a: 1\n", count: 200_000) },
        "many keys": { (0..<100_000).map { "k\($0): 1\n" }.joined() },
        "unknown types": { "receivers:\n" + (0..<24_000).map { "  otlp\($0): {}\n" }.joined() },
        "empty receivers": { "receivers:\n" + (0..<24_000).map { "  otlp/\($0):\n" }.joined() },
        "receivers on one port": {
            "receivers:\n" + (0..<4000).map { "  otlp/\($0): {protocols: {http: }}\n" }.joined()
                + "exporters: {prometheus: {endpoint: localhost:1}}\n"
                + "service: {pipelines: {metrics: {exporters: [prometheus], receivers: ["
                + (0..<4000).map { "otlp/\($0)" }.joined(separator: ", ") + "]}}}"
        },
        "open references": { String(repeating: "${", count: 500_000) },
        "open defaults": { "a: " + String(repeating: "${env:A:-", count: 100_000) },
        "nested references": {
            "a: " + String(repeating: "${", count: 200_000) + String(repeating: "}", count: 200_000)
        },
        "dollars": { "a: " + String(repeating: "$", count: 1 << 19) },
        "escapes": { "a: \"" + String(repeating: "\\x41", count: 200_000) + "\"" },
        "anchors": { String(repeating: "&a ", count: 300_000) },
        "one word": { String(repeating: "x", count: 1 << 20) },
        "a long key": { String(repeating: "x", count: 1 << 19) + ": {y: {z: [1, 2, 3]}}" },
        "quotes": { String(repeating: "'", count: 1 << 20) },
        "tags": { String(repeating: "!a ", count: 300_000) },
        "empty lines": { String(repeating: "\n", count: (1 << 20) - 1) + "]" },
    ]

    @Test("large hostile files are refused soon", arguments: largeFiles.keys.sorted())
    func largeFilesAreRefusedSoon(name: String) throws {
        let make = try #require(Self.largeFiles[name])
        let text = make()
        let start = ContinuousClock.now
        check(Array(text.utf8))
        // Generous, for a debug build on a busy machine; work that grows with the square takes minutes.
        #expect(ContinuousClock.now - start < .seconds(20))
    }
}
