import Foundation
import Testing

extension ProcessTests {
    /// Metrics of the events of recorded sessions. The truth is from another decoder of the recorded log records.
    @Suite struct EventMetricsTests {
        /// How a recorded run is replayed.
        enum Replay: String, CaseIterable, Sendable {
            case once = "once"
            /// Like a client that did not get its answer.
            case eachTwice = "each request twice"
            /// The program is killed between the two, and once more at the end.
            case killedBetween = "each request twice, killed in between"
        }

        @Test(
            "every event metric of a recorded run is exact, cost to the millionth of a dollar",
            arguments: CaptureFixture.names, Replay.allCases)
        func totalsAreExact(name: String, replay: Replay) async throws {
            let capture = try CaptureFixture(name)
            let exports = try capture.exports { !$0.contains("traces") }
            try await blocking {
                let program = try StatefulProgram(isTakingLogs: true)
                try program.start()
                var sent: [HTTPExport] = []
                for export in exports {
                    try program.send(export)
                    guard export.path == "/v1/logs" else { continue }
                    if replay == .killedBetween { try program.restart(SIGKILL) }
                    if replay != .once { try program.send(export) }
                    sent += replay == .once ? [export] : [export, export]
                }
                if replay == .killedBetween { try program.restart(SIGKILL) }
                let outcome = try EventTruth.compare(try program.scrape().body, with: sent)
                #expect(outcome.ending == .exited(0), "\(outcome.output)\(outcome.errors)")
                if name == "session-pb-delta" {
                    #expect(outcome.output.contains("of 48 events"), "\(outcome.output)")
                }
                try program.end(SIGTERM)
            }
        }

        @Test("the comparison detects an event that was not counted")
        func lossIsNoticed() async throws {
            let exports = try CaptureFixture("session-pb-delta").exports { $0.contains("logs") }
            try await blocking {
                let program = try StatefulProgram(isTakingLogs: true)
                try program.start()
                for export in exports.dropLast() { try program.send(export) }
                let outcome = try EventTruth.compare(try program.scrape().body, with: exports)
                #expect(outcome.ending == .exited(1), "\(outcome.output)\(outcome.errors)")
                #expect(outcome.output.contains("claude_code_api_requests_total"), "\(outcome.output)")
                try program.end(SIGTERM)
            }
        }

        @Test("no text of a prompt, a response or a tool is in the state, on the page or in the log")
        func textsAreNotKept() async throws {
            let capture = try CaptureFixture("pb-log-details")
            let exports = try capture.exports { $0.contains("logs") }
            let texts = try EventTruth.texts(of: exports)
            #expect(texts.count >= 5, "\(texts.count)")
            try await blocking {
                let program = try StatefulProgram(isTakingLogs: true)
                try program.start()
                for export in exports { try program.send(export) }
                var places = [try program.scrape().body]
                places += try Self.files(below: program.folder.url)
                try program.end(SIGKILL)
                places += try Self.files(below: program.folder.url)
                try program.start()
                try program.end(SIGTERM)
                places += try Self.files(below: program.folder.url)
                places.append(Array(program.log.utf8))
                #expect(places.count > 8)
                #expect(places[0].count > 1000)
                for text in texts {
                    #expect(!places.contains { Data($0).range(of: Data(text.utf8)) != nil }, "\(text.count) characters")
                }
            }
        }

        private static func files(below folder: URL) throws -> [[UInt8]] {
            let paths = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
            return (paths?.allObjects ?? []).compactMap { $0 as? URL }.compactMap { try? [UInt8](Data(contentsOf: $0)) }
        }
    }
}

/// The comparison of `Tests/Python/event_truth.py`.
enum EventTruth {
    private struct Step: Encodable {
        var body: String
        var json: Bool
        var gzip: Bool
    }

    /// Compares a page with the logs exports.
    static func compare(_ page: [UInt8], with exports: [HTTPExport]) throws -> PythonScript.Outcome {
        let folder = try TemporaryFolder()
        var steps: [Step] = []
        for (number, export) in exports.enumerated() {
            let file = "body-\(number)"
            try Data(export.body).write(to: folder.url.appending(path: file))
            let headers = Dictionary(export.headers) { first, _ in first }
            steps.append(
                Step(
                    body: file, json: headers["Content-Type"] == "application/json",
                    gzip: headers["Content-Encoding"] == "gzip"))
        }
        try JSONEncoder().encode(steps).write(to: folder.url.appending(path: "steps.json"))
        try Data(page).write(to: folder.url.appending(path: "page"))
        return try PythonScript.run("event_truth.py", [folder.url.path], within: .seconds(60))
    }

    /// The texts of users, models and tools in these exports, of more than five characters.
    static func texts(of exports: [HTTPExport]) throws -> [String] {
        let keys = ["prompt", "prompt_text", "response", "tool_input", "tool_parameters", "error"]
        var texts: Set<String> = []
        for export in exports {
            // Requests have resources in field 1, these scopes in 2, these records in 2, and these attributes in 6.
            let records = [1, 2, 2].reduce([export.body]) { messages, field in
                messages.flatMap { ProtobufFields($0)?.all(field) ?? [] }
            }
            for attribute in records.flatMap({ ProtobufFields($0)?.all(6) ?? [] }).compactMap(ProtobufFields.init) {
                guard let key = attribute.text(1), keys.contains(key), let value = attribute.message(2)?.text(1),
                    value.count > 5
                else { continue }
                texts.insert(value)
            }
        }
        return texts.sorted()
    }
}
