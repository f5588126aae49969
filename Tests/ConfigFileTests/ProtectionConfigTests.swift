import Testing

@testable import ConfigFile

/// Reading of `tls`, `auth` and the authenticator extensions.
@Suite struct ProtectionConfigTests {
    private static func text(http: String = "", exporter: String = "", extensions: String = "health_check:") -> String {
        """
        receivers: {otlp: {protocols: {http: {\(http)}}}}
        exporters: {prometheus: {endpoint: "localhost:8889"\(exporter)}}
        extensions:
          \(extensions)
        service:
          extensions: [\(extensions.prefix { $0 != ":" })]
          pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}
        """
    }

    @Test func theProtectedArticleIsRead() throws {
        let config = try Fixtures.good("article_protected", environment: ["OTLP_TOKEN": "some-token"])
        let receiver = try #require(config.otlpHTTP.first)
        #expect(receiver.tls?.certificate?.content == .file("/certs/server.crt"))
        #expect(receiver.tls?.key?.content == .file("/certs/server.key"))
        #expect(receiver.tls?.key?.position.line == 9)
        #expect(receiver.tls?.minimumVersion == .v12)
        #expect(receiver.tls?.maximumVersion == .v13)
        #expect(receiver.tls?.trusted == nil)
        #expect(receiver.auth?.authenticator == "bearertokenauth")
        #expect(
            config.authenticators == [
                AuthenticatorConfig(name: "bearertokenauth", kind: .bearer(BearerTokenConfig(tokens: ["some-token"])))
            ])
        #expect(config.prometheus.first?.tls == nil)
        #expect(config.prometheus.first?.auth == nil)
        #expect(config.notes.isEmpty)
    }

    @Test func everyKeyOfTLSIsRead() throws {
        let config = try load(
            Self.text(
                http: """
                    tls: {cert_pem: "a", key_pem: "b", client_ca_file: c, client_ca_file_reload: true,
                      include_system_ca_certs_pool: true, min_version: 1.0, max_version: "1.2", reload_interval: 100ms,
                      cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA], include_insecure_cipher_suites: true,
                      curve_preferences: [X25519MLKEM768, P384], ca_file: d, tpm: {enabled: false}}
                    """))
        let tls = try #require(config.otlpHTTP.first?.tls)
        #expect(tls.certificate?.content == .text("a"))
        #expect(tls.key?.content == .text("b"))
        #expect(tls.trusted?.content == .file("c"))
        #expect(tls.addsSystemRoots && tls.reloadsTrusted)
        #expect(tls.minimumVersion == .v10)
        #expect(tls.maximumVersion == .v12)
        #expect(tls.reloadInterval == .seconds(1))
        #expect(tls.cipherSuites == ["TLS_RSA_WITH_AES_128_CBC_SHA"])
        #expect(tls.curves == ["X25519MLKEM768", "P384"])
        let notes = config.notes.map(\.message)
        #expect(notes.contains { $0.contains("client_ca_file requires client certificates") })
        #expect(notes.contains { $0.contains("once per second") })
    }

    @Test(
        "null means no protection, and an empty mapping is an error",
        arguments: [
            ("tls: ~", []), ("auth: null", []), ("tls: {}", ["a server needs"]), ("auth: {}", ["authenticator is"]),
        ])
    func nothingIsNothing(line: String, expected: [String]) {
        let told = mistakes(Self.text(http: line))
        #expect(told.count == expected.count)
        for (line, text) in zip(told, expected) { #expect(line.contains(text)) }
    }

    @Test func clientKeysAreReadForExporters() throws {
        let node = try #require(
            try YAMLTreeBuilder.parse(
                Array("{insecure: true, insecure_skip_verify: true, server_name_override: h, ca_pem: a}".utf8),
                file: "f"))
        let findings = Findings()
        let section = try #require(Section(node, path: .root, findings: findings))
        let tls = TLSReader(section: section, side: .client).read()
        #expect(tls.isInsecure && tls.skipsVerification)
        #expect(tls.serverName == "h")
        #expect(tls.trusted?.content == .text("a"))
        #expect(tls.certificate == nil)
        #expect(!findings.hasMistakes)
    }

    @Test func bearerTokensAreRead() throws {
        let read = { (settings: String) in
            try load(Self.text(extensions: "bearertokenauth/a: {\(settings)}")).authenticators.first?.kind
        }
        #expect(
            try read("tokens: [a, 5], header: X-Key, scheme: ''")
                == .bearer(BearerTokenConfig(header: "X-Key", scheme: "", tokens: ["a", "5"])))
        guard case .bearer(let config)? = try read("filename: f, token: a, wait_for_token_file: true") else {
            Issue.record("no bearer tokens")
            return
        }
        #expect(config.file?.file == "f")
        #expect(config.tokens == [])
    }

    @Test func basicAuthIsReadForEitherSide() throws {
        let read = { (settings: String) in
            try load(Self.text(extensions: "basicauth/a: {\(settings)}")).authenticators.first?.kind
        }
        guard case .basic(.server(let users))? = try read("htpasswd: {file: f, inline: 'a:b'}") else {
            Issue.record("no users")
            return
        }
        #expect(users.file?.file == "f")
        #expect(users.inline == "a:b")
        #expect(
            try read("client_auth: {username: a, password: b}")
                == .basic(.client(ClientAuthConfig(username: "a", password: "b"))))
    }

    @Test func authNamesItsExtensionAndParameters() throws {
        let config = try load(
            Self.text(
                http: "auth: {authenticator: basicauth, request_params: [token]}",
                extensions: "basicauth: {htpasswd: {inline: 'a:b'}}")
        )
        #expect(config.otlpHTTP.first?.auth?.requestParameters == ["token"])
        #expect(config.otlpHTTP.first?.auth?.path == "receivers.otlp.protocols.http.auth.authenticator")
    }
}
