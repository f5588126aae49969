import Settings
import Testing

@testable import ConfigFile

@Suite struct SubstitutionTests {
    @Test func variablesAreSubstitutedAsInTheCollector() throws {
        let config = try Fixtures.good(
            "environment",
            environment: [
                "OTLP_PORT": "14318", "BODY_LIMIT": "4096", "SUFFIX": "/${NESTED}", "NESTED": "deep",
                "FALLBACK_HOST": "127.0.0.1", "EXPIRATION": "90s", "RECEIVERS": "[otlp]",
            ])
        #expect(config.otlpHTTP[0].endpoint.description == "localhost:14318")
        #expect(config.otlpHTTP[0].settings.maxRequestBodySize == 4096)
        #expect(config.otlpHTTP[0].settings.metricsURLPath == "/costs$/deep")
        #expect(config.prometheus[0].endpoint.description == "127.0.0.1:8889")
        #expect(config.prometheus[0].expiration == MetricExpiration(both: 90 * second))
        #expect(config.notes.isEmpty)
    }

    /// The value of `url_path`, a setting that accepts nearly any text.
    private func path(_ value: String, _ environment: [String: String] = [:]) throws -> String {
        try load(withHTTP("metrics_url_path: \(value)"), environment: environment).otlpHTTP[0].settings.metricsURLPath
    }

    @Test(
        "text is replaced piece by piece",
        arguments: [
            ("/a$$b", "/a$b"), ("/a$$$$b", "/a$$b"), ("/$${A}", "/${A}"), ("/$$${A}", "/$x"), ("/$A", "/$A"),
            ("/a$", "/a$"),
            ("/${A}${A}", "/xx"), ("'/${env:A}/${B}'", "/x/y-z"), ("/${A", "/${A"),
            ("/${env:NONE:-d}", "/d"), ("/${env:NONE:-}e", "/e"), ("/${env:A:-d}", "/x"), ("/${env:EMPTY:-d}.", "/."),
            ("/${env:NONE:-${env:A}}", "/x"), ("/${env:NONE:-${NEITHER}}z", "/z"), ("/}${A}}", "/}x}"),
            ("/$${A}${A}", "/${A}x"),
        ])
    func textIsReplaced(value: String, expected: String) throws {
        let quoted = value.hasPrefix("'") ? value : "\"\(value)\""
        #expect(try path(quoted, ["A": "x", "B": "y-z", "EMPTY": ""]) == expected)
    }

    @Test(
        "a value that is a single variable has the type of its text, quoted or not",
        arguments: ["${N}", "\"${N}\"", "${env:N:-1}"])
    func wholeValuesAreRetyped(value: String) throws {
        let config = try load(withHTTP("max_request_body_size: \(value)"), environment: ["N": "0x1000"])
        #expect(config.otlpHTTP[0].settings.maxRequestBodySize == 4096)
    }

    @Test(
        "a text key gets the text of a variable, whatever its type in YAML",
        arguments: [
            "a b", "/a#b", "a # b", "[a]", "{a}", "a: b", "@a", "*a", "'a'", "%a", "!x y", "&a", "#a", "- a", "true",
            "12",
            "0x10", "1.50", "null ", "[", "\t", "a\nb", "1\n---\n2",
        ])
    func textOfVariablesIsKept(text: String) {
        var substitution = EnvironmentSubstitution(environment: { $0 == "A" ? text : nil }, findings: Findings())
        let position = SourcePosition(file: "test.yaml", line: 3, column: 4)
        for style in [ScalarStyle.plain, .text] {
            let node = substitution.apply(to: .scalar("${A}", style, at: position))
            // Null is the one exception: then the key is not set.
            #expect(node.isNull ? text == "null " : node.text == text)
            #expect(node.position == position)
        }
    }

    @Test func listsAndMappingsCanComeFromVariables() throws {
        let text = """
            receivers: ${env:RECEIVERS}
            exporters: {prometheus: {endpoint: localhost:8889}}
            service: {pipelines: {metrics: {receivers: [otlp], exporters: "${EXPORTERS}"}}}
            """
        let environment = [
            "RECEIVERS": "otlp:\n  protocols:\n    http:\n      endpoint: localhost:1", "EXPORTERS": "[prometheus]",
        ]
        #expect(try load(text, environment: environment).otlpHTTP[0].endpoint.port == 1)
    }

    @Test func mistakesInAVariableStandWhereItIsUsed() {
        let text = "receivers: {otlp: {protocols: {http: {}}}}\nexporters: ${env:E}\n" + "service: ${env:S}"
        let environment = [
            "E": "prometheus:\n  endpoint: localhost:8889\n  metric_expiraton: 5m",
            "S": "{pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}}",
        ]
        #expect(
            mistakes(text, environment: environment) == [
                "env:TEXT:2:12: exporters.prometheus.metric_expiraton: unknown key; did you mean \"metric_expiration\"?"
            ])
    }

    @Test func unsetVariablesAreEmptyAndNoted() throws {
        let config = try load(withExporter("metric_expiration: ${env:UNSET}"))
        #expect(config.prometheus[0].expiration == MetricExpiration())
        #expect(
            config.notes.map(\.description) == [
                "env:TEXT:5:24: exporters.prometheus.metric_expiration: "
                    + "the environment variable UNSET is not set and counts as empty; "
                    + "set it, or write ${env:UNSET:-DEFAULT}"
            ])
    }

    @Test func emptyDefaultsAreTextAndNotNoted() throws {
        let config = try load(withExporter("namespace: ${env:UNSET:-}"))
        #expect(config.notes.isEmpty)
    }

    @Test func keysAreNotSubstituted() {
        #expect(
            mistakes(withExporter("${env:KEY}: 5m"), environment: ["KEY": "metric_expiration"]) == [
                "env:TEXT:5:5: exporters.prometheus.${env:KEY}: unknown key; "
                    + "valid: endpoint, tls, auth, metric_expiration, enable_open_metrics, namespace, "
                    + "const_labels, send_timestamps, add_metric_suffixes, translation_strategy, without_scope_info, "
                    + "resource_to_telemetry_conversion"
            ])
    }

    @Test func variablesCannotGrowWithoutBounds() {
        var environment = ["V0": String(repeating: "x", count: 1000)]
        for level in 1...12 {
            environment["V\(level)"] = String(repeating: "${V\(level - 1)}", count: 10)
        }
        let lines = mistakes(withHTTP("metrics_url_path: /${V12}"), environment: environment)
        #expect(lines.count == 1)
        #expect(lines[0].contains("more than 8388608 bytes of text from environment variables"))
    }

    @Test func emptyVariablesCannotMakeEndlessWork() {
        var environment = ["V0": ""]
        for level in 1...14 {
            environment["V\(level)"] = String(repeating: "${V\(level - 1)}", count: 30)
        }
        #expect(mistakes(withHTTP("metrics_url_path: /${V14}"), environment: environment).count == 1)
    }

    @Test func yamlInVariablesIsBounded() throws {
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        let bomb =
            "{a: &a [x,x,x,x,x,x,x,x,x,x], b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a], c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b], d: &d [*c,*c,*c,*c,*c,*c,*c,*c], e: [*d,*d,*d,*d,*d,*d,*d,*d,*d]}"
        for text in [deep, bomb] {
            // Beyond the limits it is text, like everything that is not YAML.
            let lines = mistakes("receivers: ${env:R}", environment: ["R": text])
            #expect(lines.contains { $0.contains("expected a mapping (key: value)") })
        }
    }
}
