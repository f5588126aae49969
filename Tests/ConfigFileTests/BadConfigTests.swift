import Foundation
import Testing

@testable import ConfigFile

@Suite struct BadConfigTests {
    /// Each `bad/NAME.yaml` has its messages in `bad/NAME.txt`, without the folder.
    @Test("an error has file, line, column, key path and a valid value", arguments: Fixtures.names(in: "bad"))
    func mistakesAreTold(name: String) throws {
        let folder = Fixtures.configs.appending(path: "bad").path + "/"
        let expected = try String(contentsOfFile: folder + name + ".txt", encoding: .utf8)
        let failure = #expect(throws: ConfigFailure.self) {
            try ConfigLoader.load(files: [folder + name + ".yaml"]) { ["LOOP": "${LOOP}"][$0] }
        }
        let lines = try #require(failure).lines.map { $0.replacingOccurrences(of: folder, with: "") }
        #expect(lines == expected.split(separator: "\n").map(String.init))
    }

    @Test("there are many invalid configurations, each named by its error")
    func everyFaultHasAFixture() {
        #expect(Fixtures.names(in: "bad").count >= 80)
    }

    @Test("each message has its line and what is valid", arguments: Fixtures.names(in: "bad"))
    func messagesAdvise(name: String) throws {
        let path = Fixtures.configs.appending(path: "bad/\(name).txt").path
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(!lines.isEmpty)
        for line in lines where line.wholeMatch(of: #/and \d+ more errors/#) == nil {
            // An empty file has no lines.
            let place = name == "empty" ? #/empty\.yaml: /# : #/[a-z_0-9]+\.yaml:\d+:\d+: /#
            #expect(line.prefixMatch(of: place) != nil, "\(line)")
            let message = line.drop { $0 != " " }
            let advice = [
                "write", "remove", "did you mean", "valid", "choose", "define", "leave", "belong", "expected",
                "add it",
            ]
            #expect(advice.contains { message.contains($0) }, "\(line)")
        }
    }

    @Test func atMostTwentyMistakesAreToldAndTheRestIsCounted() throws {
        let failure = #expect(throws: ConfigFailure.self) {
            try ConfigLoader.load(files: [Fixtures.path("bad", "more_than_twenty")]) { _ in nil }
        }
        #expect(failure?.mistakes.count == 20)
        #expect(failure?.omittedCount == 3)
        #expect(failure?.lines.last == "and 3 more errors")
    }

    @Test("the same message for many places is one line; for two places two lines")
    func repeatedSentencesAreOneLine() {
        let failure = ConfigFailure(
            mistakes: [(1, "a"), (2, "b"), (3, "a"), (4, "a"), (5, "b")].map { line, message in
                ConfigFinding(
                    position: SourcePosition(file: line == 4 ? "g" : "f", line: line, column: 1), path: "p\(line)",
                    message: message)
            }, omittedCount: 1)
        #expect(
            failure.lines == [
                "f:1:1: p1: a; the same for p3 (line 3), p4 (g:4:1)", "f:2:1: p2: b", "f:5:1: p5: b",
                "and 1 more error",
            ])
        let notes = (1...60).map {
            ConfigFinding(position: SourcePosition(file: "f", line: $0, column: 1), path: "p\($0)", message: "n")
        }
        #expect(notes.lines.count == 1)
        #expect(notes.lines.first?.hasSuffix("p20 (line 20) and 40 more") == true)
    }

    /// Names of components may have characters that are invalid in a message line.
    @Test func namesThatAreSuggestedAreEscaped() {
        let text = """
            receivers: {otlp: {protocols: {http: {}}}, "otlp/a\\tb": {protocols: {http: {endpoint: "localhost:1"}}}}
            exporters: {prometheus: {endpoint: localhost:8889}}
            service: {pipelines: {metrics: {receivers: [otlp, otlp/a_b], exporters: [prometheus]}}}
            """
        #expect(mistakes(text).map { $0.hasSuffix(#"did you mean "otlp/a\u{9}b"?"#) } == [true])
    }

    @Test func mistakesOfSeveralFilesStandInTheOrderOfTheFiles() {
        let environment = [
            "FIRST": withExporter("metric_expiration: soon"),
            "SECOND": "exporters: {prometheus: {endpoint: nowhere}}",
        ]
        let failure = #expect(throws: ConfigFailure.self) {
            try ConfigLoader.load(files: ["env:FIRST", "env:SECOND"]) { environment[$0] }
        }
        #expect(failure?.mistakes.map(\.position?.file) == ["env:FIRST", "env:SECOND"])
        #expect(failure?.mistakes.map(\.position?.line) == [5, 1])
    }

    @Test(
        "keys that are not supported are refused by name",
        arguments: ["cors: {allowed_origins: [a]}", "middlewares: [a]", "transport: unix"])
    func unsupportedExporterKeysAreRefused(line: String) {
        let key = line.prefix { $0 != ":" }
        #expect(
            mistakes(withExporter(line)) == [
                "env:TEXT:5:5: exporters.prometheus.\(key): not supported; remove it"
            ])
    }

    @Test(
        "unsupported components that change, forward or protect data are refused",
        arguments: [
            ("processors", "processor", ["transform", "resourcedetection", "k8sattributes"]),
            ("exporters", "exporter", ["kafka", "loki", "prometheusremotewrite"]),
            ("extensions", "extension", ["oidc", "file_storage"]),
            ("receivers", "receiver", ["prometheus", "hostmetrics"]),
            ("connectors", "connector", ["spanmetrics"]),
        ])
    func unsupportedComponentsAreRefused(category: String, singular: String, types: [String]) {
        for type in types {
            let text = """
                receivers: {otlp: {protocols: {http: {}}}}
                exporters: {prometheus: {endpoint: localhost:8889}}
                service: {pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}}
                """
            // A second file, since a file has each category once.
            let environment = ["FIRST": text, "SECOND": "\(category): {\(type)/named: {}}"]
            let failure = #expect(throws: ConfigFailure.self) {
                try ConfigLoader.load(files: ["env:FIRST", "env:SECOND"]) { environment[$0] }
            }
            #expect(
                failure?.lines == [
                    "env:SECOND:1:\(category.count + 4): \(category).\(type)/named: the \(singular) \"\(type)\" "
                        + "is not supported; remove it here and from "
                        + (category == "extensions" ? "service.extensions" : "the pipelines")
                ])
        }
    }
}
