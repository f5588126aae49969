import Foundation
import Testing

@testable import App

@Suite struct CommandTests {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func config(_ path: String) -> String {
        repository.appending(path: "Tests/Fixtures/Config/\(path).yaml").path
    }

    @Test("the version is printed", arguments: ["version", "--version"])
    func version(argument: String) throws {
        let run = try ProgramRun.finished(argument)
        #expect(run.status == 0)
        #expect(run.output == "odometer \(Version.current)\n")
        #expect(run.errors == "")
    }

    @Test func helpNamesTheCommandsAndTheirOption() throws {
        let run = try ProgramRun.finished("--help")
        #expect(run.status == 0)
        for text in ["odometer [run] [--config <file>]...", "validate", "version"] {
            #expect(run.output.contains(text))
        }
        #expect(run.errors == "")
    }

    @Test(
        "an unknown command or option is reported on standard error, and the program exits with 1",
        arguments: [
            ["--bogus"], ["bogus"], ["--config"], ["validate", "--bogus"], ["version", "--config=x"],
        ])
    func usageMistakes(arguments: [String]) throws {
        let run = try ProgramRun(arguments).end()
        #expect(run.status == 1)
        #expect(run.output == "")
        #expect(run.errors.hasPrefix("Error: "))
        #expect(run.errors.contains("Usage: odometer"))
    }

    @Test func validConfigurationsAreSummarised() throws {
        let run = try ProgramRun.finished("validate", "--config=\(Self.config("good/named_instances"))")
        #expect(run.status == 0)
        #expect(run.errors == "")
        let folder = Self.config("good/named_instances")
        #expect(
            run.output == """
                The configuration is valid.
                receives   [::1]:4318  otlp (OTLP over HTTP)
                           /in/metrics: metrics go to prometheus, prometheus/forever
                           /v1/logs: logs are refused with 404: no pipeline accepts them
                           /v1/traces: traces are refused with 404: no pipeline accepts them
                receives   localhost:0  otlp/second (OTLP over HTTP)
                           /v1/metrics: metrics go to prometheus/forever
                           /v1/logs: logs are accepted and discarded, after their events are counted
                           /v1/traces: traces are refused with 404: no pipeline accepts them
                exposes    localhost:8889/metrics  prometheus
                           counters expire 1h30m after their last data point
                           gauges expire 1h30m after their last data point
                exposes    localhost:8890/metrics  prometheus/forever
                           counters never expire
                           gauges never expire
                events     of otlp/second are counted on prometheus/forever
                           attributes shown: action, agent_type, auth_method, command_source, decision, \
                decision_source, effort, error_name, event.name, from_mode, hook_event, invocation_trigger, model, \
                query_source, skill.name, source, speed, status, status_code, success, terminal.type, to_mode, \
                tool_name, transport_type, trigger, user.account_id, user.account_uuid, user.email, user.id
                           user: the first of user.email, user.account_id, user.account_uuid, user.id that is not \
                left out
                           resource attributes: service.name, service.namespace, service.instance.id
                exposes    localhost:8888/metrics  own metrics
                logs       info and above, console
                holds      at most 200000 series, 1000000 writers
                state      in odometer-data
                note       \(folder):23:5: exporters.prometheus/forever.metric_expiration: \
                0 means that series never expire

                """)
    }

    @Test("the effect of processors on a page is printed")
    func processorsAreSummarised() throws {
        let run = try ProgramRun.finished("validate", "--config=\(Self.config("good/filters"))")
        #expect(run.status == 0)
        #expect(
            run.output.contains(
                "           a filter drops metrics by name\n           attributes are changed by attributes/path\n"
            ))
    }

    @Test func everyMistakeIsALineOnStandardError() throws {
        let file = Self.config("bad/tls_and_auth")
        for arguments in [["validate", "--config", file], ["run", "--config", file], ["--config", file]] {
            let run = try ProgramRun(arguments).end()
            #expect(run.status == 1)
            #expect(run.output == "")
            #expect(
                run.errors.split(separator: "\n") == [
                    "\(file):6:22: receivers.otlp.protocols.http.tls: the certificate has no key; write key_file or key_pem",
                    "\(file):7:31: receivers.otlp.protocols.http.auth.authenticator: the extension \"basicauth\" is not defined; "
                        + "define it under extensions",
                ])
        }
    }

    @Test func severalFilesAreMerged() throws {
        let run = try ProgramRun.finished(
            "validate", "--config", Self.config("good/merge_base"), "--config=env:OVERLAY",
            environment: [
                "OVERLAY": "receivers: {otlp: {protocols: {http: {endpoint: \"${env:HOST}:5318\"}}}}", "HOST": "::",
            ])
        #expect(run.status == 1)
        #expect(
            run.errors.hasPrefix("env:OVERLAY:1:49: receivers.otlp.protocols.http.endpoint: \":::5318\" has more than"))
    }

    @Test func withoutConfigurationTheFirstExistingCandidateIsRead() throws {
        let run = try ProgramRun.finished(
            "validate",
            environment: [
                "ODOMETER_CONFIG_PATHS": "/nonexistent/config.yaml:\(Self.config("good/only_http_null")):"
                    + Self.config("bad/empty")
            ])
        #expect(run.status == 0)
        #expect(run.output.contains("receives   localhost:4318  otlp"))
    }

    @Test("the state path of the image is used if no configuration has one")
    func statePathOfTheEnvironment() throws {
        let environment = ["ODOMETER_STATE_PATH": "/var/lib/odometer", "NAMED": "odometer: {state: {path: here}}"]
        let run = try ProgramRun.finished("validate", environment: environment)
        #expect(run.output.contains("\nstate      in /var/lib/odometer\n"))
        let named = try ProgramRun.finished("validate", "--config=env:NAMED", environment: environment)
        #expect(named.output.contains("\nstate      in here\n"))
    }

    @Test func withoutAnythingTheEmbeddedDefaultIsValid() throws {
        let run = try ProgramRun.finished("validate")
        #expect(run.status == 0)
        #expect(run.output.contains("receives   0.0.0.0:4318  otlp (OTLP over HTTP)"))
        #expect(
            run.output.contains("receives   0.0.0.0:4317  otlp (OTLP over gRPC)\n           metrics go to prometheus\n")
        )
        #expect(run.output.contains("exposes    0.0.0.0:8889/metrics  prometheus and own metrics"))
    }

    @Test func candidatesCountOnlyWithoutConfigArguments() {
        let environment = [ConfigSelection.candidatesVariable: "/nonexistent:\(Self.config("good/flow_style"))"]
        let lookup: (String) -> String? = { environment[$0] }
        #expect(ConfigSelection.files(given: ["a", "b"], environment: lookup) == ["a", "b"])
        #expect(ConfigSelection.files(given: [], environment: lookup) == [Self.config("good/flow_style")])
        #expect(ConfigSelection.files(given: []) { _ in "/nonexistent:" } == [])
        #expect(ConfigSelection.files(given: []) { _ in nil } == [])
    }

    /// Ports chosen by the system, without notes, so that the first line is that of the program.
    private static let quietConfig = """
        receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
        exporters: {prometheus: {endpoint: "127.0.0.1:0"}}
        service:
          telemetry: {metrics: {level: none}}
          pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}
        """

    @Test("R-LIFE-04 a signal shuts the program down cleanly", arguments: [SIGTERM, SIGINT])
    func signalsEndTheProgram(signal: Int32) throws {
        let run = try ProgramRun(["--config=env:CONFIG"], environment: ["CONFIG": Self.quietConfig])
        try run.waitForError(containing: "\n")
        kill(run.process.processIdentifier, signal)
        let result = try run.end()
        #expect(result.reason == .exit)
        #expect(result.status == 0)
        #expect(result.output == "")
    }

    @Test func notesAreLoggedAtTheStart() throws {
        let run = try ProgramRun(
            ["--config=env:CONFIG", "--config=env:MORE"],
            environment: [
                "CONFIG": Self.quietConfig,
                "MORE": "processors: {batch: }\nservice: {telemetry: {logs: {encoding: json}}}",
            ])
        try run.waitForError(containing: "processors.batch")
        // The program may not handle signals yet.
        run.process.terminate()
        let lines = try run.end().errors.split(separator: "\n")
        let note = try #require(lines.first { $0.contains("processors.batch") })
        let fields = try #require(
            try JSONSerialization.jsonObject(with: Data(note.utf8)) as? [String: String], "JSON as configured")
        #expect(fields["level"] == "warn")
        #expect(
            fields["message"]
                == "env:MORE:1:14: processors.batch: has no effect: every export is counted as it arrives")
    }
}
