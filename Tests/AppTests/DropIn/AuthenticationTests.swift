import ConfigFile
import Foundation
import Testing

@testable import App

/// Credentials and the whole collector, without TLS.
@Suite struct AuthenticationTests {
    private static func configuration(_ extensions: String, authenticator: String) -> String {
        """
        receivers:
          otlp:
            protocols:
              grpc: {endpoint: "127.0.0.1:0", auth: {authenticator: \(authenticator)}}
              http: {endpoint: "127.0.0.1:0", auth: {authenticator: \(authenticator)}}
        exporters: {prometheus: {endpoint: "127.0.0.1:0"}}
        extensions:
          \(extensions)
        service:
          extensions: [\(authenticator)]
          telemetry: {metrics: {level: none}}
          pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}
        odometer: {own_metrics_on_exporters: true}
        """
    }

    private static let token = configuration("bearertokenauth: {token: some-token}", authenticator: "bearertokenauth")

    private static func post(
        _ collector: AppInProcess, _ type: String, _ body: [UInt8], _ credentials: String?
    ) throws -> HTTPReply {
        let headers = [("Content-Type", type)] + (credentials.map { [("Authorization", $0)] } ?? [])
        return try HTTPClient.exchange(
            port: collector.otlpPort, "POST", "/v1/metrics", headers: headers, body: body)
    }

    @Test(
        "R-HTTP-15 without credentials the answer is 401 with a Status in the encoding of the request, and nothing counts"
    )
    func httpAnswers401() async throws {
        let body = Array(TestExport.sum("calls", 1).utf8)
        try await AppInProcess.run(Self.token) { collector in
            for credentials in [nil, "Bearer other", "Bearer", "some-token", "Basic c29tZS10b2tlbg=="] {
                let reply = try Self.post(collector, "application/json", body, credentials)
                #expect(reply.status == 401)
                #expect(reply.header("WWW-Authenticate") == "Bearer realm=\"odometer\"")
                #expect(reply.header("Content-Type") == "application/json")
                #expect(reply.text.hasPrefix(#"{"code":16,"message":""#), "\(reply.text)")
            }
            let protobuf = try Self.post(collector, "application/x-protobuf", [], nil)
            #expect(protobuf.status == 401)
            #expect(protobuf.header("Content-Type") == "application/x-protobuf")
            // google.rpc.Status: field 1 is the code, 16.
            #expect(Array(protobuf.body.prefix(3)) == [8, 16, 18])
            let page = try collector.scrape()
            #expect(page["calls_total", [:]] == nil)
            #expect(page["odometer_http_responses_total", ["listener": "otlp", "status": "401"]] == 6)
            #expect(try Self.post(collector, "application/json", body, "Bearer some-token").status == 200)
            #expect(try collector.scrape().total(of: "calls_total") == 1)
        }
    }

    @Test("R-GRPC-08 a call without credentials gets UNAUTHENTICATED before its message is sent, and nothing counts")
    func callsGetUnauthenticated() async throws {
        try await AppInProcess.run(Self.token) { collector in
            let client = try HTTP2Client(port: collector.grpcPort)
            let paths = [HTTP2Client.metrics, HTTP2Client.logs, "/grpc.health.v1.Health/Check", "/no/such"]
            for path in paths {
                for credentials in [nil, "Bearer other", "Bearer"] {
                    let headers = credentials.map { [("authorization", $0)] } ?? []
                    // The message is not sent.
                    let answer = try client.answer(to: try client.begin(path, headers: headers))
                    #expect(answer.status == "16")
                    #expect(answer.message?.contains("uthorization") == true)
                    #expect(answer.message?.contains("other") == false)
                }
            }
            let right = [("authorization", "Bearer some-token")]
            let health = try client.call("/grpc.health.v1.Health/Check", [], headers: right)
            #expect(health.status == "0")
            #expect(health.reply == [8, 1])
            #expect(try client.call("/no/such", [], headers: right).status == "12")
            #expect(try client.call([], headers: right).status == "0")
            let page = try collector.scrape()
            let refused = page[
                "odometer_grpc_responses_total", ["listener": "otlp grpc", "status": "UNAUTHENTICATED"]]
            #expect(refused == 12)
        }
    }

    @Test("R-GRPC-08 a password whose check is slow decides before anything counts", arguments: [true, false])
    func slowPasswordsDecide(isRight: Bool) async throws {
        let text = Self.configuration(
            #"basicauth: {htpasswd: {inline: "ada:$$2y$$05$$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"}}"#,
            authenticator: "basicauth")
        let credentials = isRight ? "Basic YWRhOnNlY3JldA==" : "Basic YWRhOndyb25n"
        let body = Array(TestExport.sum("calls", 1).utf8)
        try await AppInProcess.run(text) { collector in
            let client = try HTTP2Client(port: collector.grpcPort)
            #expect(
                try client.call([], headers: [("authorization", credentials)]).status == (isRight ? "0" : "16"))
            #expect(
                try client.call("/no/such", [], headers: [("authorization", credentials)]).status
                    == (isRight ? "12" : "16"))
            #expect(
                try Self.post(collector, "application/json", body, credentials).status == (isRight ? 200 : 401))
            #expect(try collector.scrape().total(of: "calls_total") == (isRight ? 1 : nil))
        }
    }

    @Test func tokensAreRenewedWithTheirFile() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("first\n", to: "tokens")
        let text = Self.configuration("bearertokenauth: {filename: \(file)}", authenticator: "bearertokenauth")
        let body = Array(TestExport.sum("calls", 1).utf8)
        try await AppInProcess.run(text) { collector in
            let status = { (token: String) in
                try Self.post(collector, "application/json", body, "Bearer \(token)").status
            }
            #expect(try status("first") == 200)
            #expect(try status("second") == 401)
            _ = try folder.write("second\n", to: "tokens")
            let end = ContinuousClock.now + .seconds(30)
            while try status("second") == 401, ContinuousClock.now < end {}
            #expect(try status("second") == 200)
            #expect(try status("first") == 401)
        }
    }

    /// Lines below a `tls:` or an authenticator, and the end of the error line.
    @Test(
        "unusable credentials end the start with an error line",
        arguments: [
            (
                "tls: {cert_file: /nowhere.crt, key_file: KEY}",
                "6:26: tls.cert_file: /nowhere.crt cannot be read: no such file"
            ),
            (
                "tls: {cert_file: CRT, key_file: OTHER}",
                "tls.key_file: the key does not belong to the certificate"
            ),
            ("tls: {cert_file: KEY, key_file: KEY}", "contains no certificate"),
            ("tls: {cert_pem: x, key_file: KEY}", "6:25: tls.cert_pem: the text is not PEM"),
            (
                "tls: {cert_file: CRT, key_file: KEY, client_ca_file: /nowhere.ca}",
                "tls.client_ca_file: /nowhere.ca cannot be read: no such file"
            ),
            ("auth: {authenticator: bearertokenauth}", "extensions.bearertokenauth.filename: /nowhere.tokens cannot"),
            ("auth: {authenticator: basicauth}", "extensions.basicauth.htpasswd.file: /nowhere.users cannot be read"),
            ("auth: {authenticator: basicauth/odd}", "has no valid line user:password"),
        ])
    func faultsEndTheStart(line: String, expected: String) async throws {
        let folder = Fixtures.folder.appending(path: "TLS").path
        let names = ["CRT": "server.crt", "KEY": "server.key", "OTHER": "renewed.key"]
        let replaced = { (text: String) in
            names.reduce(text) { $0.replacing(": \($1.key)", with: ": \(folder)/\($1.value)") }
        }
        let used = line.contains("auth") ? String(line.split(separator: " ")[2].dropLast()) : "health_check"
        let text = """
            receivers:
              otlp:
                protocols:
                  http:
                    endpoint: "127.0.0.1:0"
                    \(replaced(line))
            exporters: {prometheus: {endpoint: "127.0.0.1:0"}}
            extensions:
              health_check: {endpoint: "127.0.0.1:0"}
              bearertokenauth: {filename: /nowhere.tokens}
              basicauth: {htpasswd: {file: /nowhere.users}}
              basicauth/odd: {htpasswd: {inline: "ada"}}
            service:
              extensions: [\(used)]
              telemetry: {metrics: {level: none}}
              pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}
            """
        let failure = await #expect(throws: ConfigFailure.self) { try await AppInProcess.run(text) { _ in } }
        #expect(failure?.lines.count == 1)
        let told = failure?.lines.first ?? ""
        let wanted = replaced(expected).replacing("tls.", with: "receivers.otlp.protocols.http.tls.")
        #expect(told.contains(wanted), "\(told)")
        #expect(told.contains("config.yaml:"))
    }

    @Test func theProgramDoesNotStartUnprotected() throws {
        let folder = try TemporaryFolder()
        let text = Self.token.replacing(
            "auth: {authenticator: bearertokenauth}}", with: "tls: {cert_file: a.crt, key_file: a.key}}",
            maxReplacements: 1)
        let file = try folder.write(text, to: "config.yaml")
        for command in ["run", "validate"] {
            let run = try ProgramRun.finished(command, "--config=\(file)")
            #expect(run.status == 1)
            #expect(run.output == "")
            #expect(
                run.errors
                    == "\(file):4:56: receivers.otlp.protocols.grpc.tls.cert_file: a.crt cannot be read: no such file\n"
            )
        }
    }
}
