import Testing

@testable import ConfigFile

@Suite struct EndpointTests {
    @Test(
        "endpoints are read",
        arguments: [
            ("localhost:4318", "localhost", 4318, "localhost:4318"), (":4318", "", 4318, ":4318"),
            ("0.0.0.0:4318", "0.0.0.0", 4318, "0.0.0.0:4318"), ("[::1]:4318", "::1", 4318, "[::1]:4318"),
            ("[::]:0", "::", 0, "[::]:0"), ("[fe80::1%eth0]:65535", "fe80::1%eth0", 65535, "[fe80::1%eth0]:65535"),
            ("otel-collector.my_net:00080", "otel-collector.my_net", 80, "otel-collector.my_net:80"),
        ])
    func wellFormed(text: String, host: String, port: Int, shown: String) throws {
        let endpoint = try Endpoint(parsing: text, defaultPort: 4318)
        #expect(endpoint == Endpoint(host: host, port: port))
        #expect(endpoint.description == shown)
    }

    @Test(
        "a malformed endpoint is refused with what is valid",
        arguments: [
            ("", "\"\" has no port; write :4318"), ("localhost", "write localhost:4318"),
            ("4318", "has no host; write \":4318\""),
            ("localhost:", "got \"\""), ("localhost:-1", "expected a port"), ("localhost:+80", "expected a port"),
            ("localhost:65536", "expected a port from 0 to 65535, as in localhost:4318"),
            ("localhost:http", "got \"http\""),
            ("localhost:999999999999999999999", "expected a port"), ("localhost:4318/", "got \"4318/\""),
            ("https://localhost:4318", "without https://"), ("::1:4318", "has more than one colon"),
            ("::1", "write [::1]:4318"),
            ("[localhost]:4318", "is not an IPv6 address"), ("[::1:4318", "is not an IPv6 address"),
            ("[::1%]:1", "is not an IPv6 address"), ("a b:1", "got \"a b\""),
            ("ü:1", "expected a host name or address"), ("a/b:1", "expected a host name or address"),
        ])
    func malformed(text: String, message: String) {
        let error = #expect(throws: MalformedEndpoint.self) { try Endpoint(parsing: text, defaultPort: 4318) }
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test func hostsAreBounded() {
        #expect(throws: MalformedEndpoint.self) {
            try Endpoint(parsing: String(repeating: "a", count: 254) + ":1", defaultPort: 4318)
        }
    }

    @Test func listenersClashOnThePort() {
        let local = Endpoint(host: "localhost", port: 80)
        #expect(local.clashes(with: local))
        #expect(local.clashes(with: Endpoint(host: "", port: 80)))
        #expect(Endpoint(host: "0.0.0.0", port: 80).clashes(with: local))
        #expect(Endpoint(host: "::", port: 80).clashes(with: local))
        #expect(!local.clashes(with: Endpoint(host: "localhost", port: 81)))
        #expect(!local.clashes(with: Endpoint(host: "10.0.0.1", port: 80)))
        // The system chooses the port, a different one for each.
        #expect(!Endpoint(host: "", port: 0).clashes(with: Endpoint(host: "", port: 0)))
    }
}

@Suite struct DurationTests {
    @Test(
        "Go's durations are read",
        arguments: [
            ("0", Duration.zero), ("0s", .zero), ("5m", .seconds(300)), ("1h30m", .seconds(5400)),
            ("180m", .seconds(10800)),
            ("1.5s", .milliseconds(1500)), (".5s", .milliseconds(500)), ("1.s", .seconds(1)),
            ("250ms", .milliseconds(250)),
            ("3us", .microseconds(3)), ("3µs", .microseconds(3)), ("3μs", .microseconds(3)), ("7ns", .nanoseconds(7)),
            ("-5m", .seconds(-300)), ("+5m", .seconds(300)), ("1h1h", .seconds(7200)),
            ("1.000000001s", .nanoseconds(1_000_000_001)),
            ("0.3333333333333333333h", .seconds(1200)), ("-0", .zero), ("2562047h47m16s", .seconds(9_223_372_036)),
        ])
    func wellFormed(text: String, expected: Duration) {
        #expect(GoDuration.parse(text) == expected)
    }

    @Test(
        "everything else is no duration",
        arguments: [
            "", "5", "m", "5 m", "5M", "5d", "1h 30m", ".s", "-", "+", "--5m", "5m-", "1e3s", "1..5s", "0x5m", "s5",
            "５m",
            "9223372036854775808ns", "2562048h", "99999999999999999999h", "9223372036854775807h", "2562047h47m17s",
        ])
    func malformed(text: String) {
        #expect(GoDuration.parse(text) == nil)
    }

    @Test(
        "durations are shown as they are written",
        arguments: [
            ("0s", Duration.zero), ("5m", .seconds(300)), ("24h", .seconds(86400)), ("1h30m", .seconds(5400)),
            ("1s250ms", .milliseconds(1250)), ("2us3ns", .nanoseconds(2003)), ("-5m", .seconds(-300)),
        ])
    func shown(text: String, duration: Duration) {
        #expect(duration.configText == text)
        #expect(GoDuration.parse(text) == duration)
    }
}

@Suite struct ScalarTests {
    @Test(
        "whole numbers are read as YAML has them",
        arguments: [
            ("0", 0), ("42", 42), ("-42", -42), ("+42", 42), ("20_971_520", 20_971_520), ("0x1F", 31), ("0o17", 15),
            ("017", 15),
            ("0b101", 5), ("2e6", 2_000_000), ("1.0", 1), ("089", 89), ("9223372036854775807", Int.max),
            ("-9223372036854775808", Int.min),
        ])
    func integers(text: String, expected: Int) {
        #expect(YAMLScalars.integer(text) == expected)
    }

    @Test(
        "other text is no whole number",
        arguments: [
            "", "-", "+", "--1", "+-1", "1.5", "1e400", "9223372036854775808", "1e19", "0x", "0xg", "abc", "nan", "inf",
            "0x-1",
            "1 2", " 1", "１", "_1", ".5",
        ])
    func notIntegers(text: String) {
        #expect(YAMLScalars.integer(text) == nil)
    }

    @Test(
        "sizes are read with and without units",
        arguments: [
            ("4096", 4096), ("16KiB", 16384), ("256 MiB", 256 << 20), ("2GiB", 2 << 30), ("0", 0), ("1_024", 1024),
        ])
    func sizes(text: String, expected: Int) {
        #expect(ByteCount.parse(text) == expected)
    }

    @Test(
        "other text is no size",
        arguments: ["", "-1", "16KB", "16 kib", "1.5MiB", "MiB", "16  KiB", "9999999999999 GiB", "-1 KiB"])
    func notSizes(text: String) {
        #expect(ByteCount.parse(text) == nil)
    }

    @Test func sizesAreShownInTheLargestWholeUnit() {
        #expect(ByteCount.text(1 << 30) == "1 GiB")
        #expect(ByteCount.text(16 << 10) == "16 KiB")
        #expect(ByteCount.text(1000) == "1000 bytes")
        #expect(ByteCount.text(0) == "0")
    }
}

@Suite struct NameTests {
    @Test(
        "component names have a type and an optional name",
        arguments: [
            ("otlp", "otlp", nil), ("otlp/2", "otlp", "2"), (" otlp / two ", "otlp", "two"),
            ("otlp/a/b", "otlp", "a/b"),
        ])
    func components(text: String, type: String, name: String?) throws {
        let id = try #require(ComponentID(text))
        #expect(id.type == type)
        #expect(id.name == name)
    }

    @Test(
        "a name without a type, or with nothing after the slash, is invalid",
        arguments: ["", " ", "/", "otlp/", "otlp/ ", "/2"])
    func noComponents(text: String) {
        #expect(ComponentID(text) == nil)
    }

    @Test(
        "the nearest name is found",
        arguments: [
            ("endpont", "endpoint"), ("ENDPOINT", "endpoint"), ("enpdoint", "endpoint"),
            ("metrics_expiration", "metric_expiration"),
            ("endpoints", "endpoint"), ("tsl", "tls"),
        ])
    func nearest(name: String, expected: String) {
        #expect(nearestName(to: name, in: ["tls", "metric_expiration", "endpoint"]) == expected)
    }

    @Test(
        "far names are not suggested",
        arguments: ["", "x", "completely_different", String(repeating: "endpoint", count: 100)])
    func far(name: String) {
        #expect(nearestName(to: name, in: ["tls", "metric_expiration", "endpoint"]) == nil)
    }

    @Test("hostile text becomes one printable line")
    func printableText() {
        #expect(printable("a\nb\u{1b}[31m\u{202e}\u{85}\u{7f}é") == "a\\u{a}b\\u{1b}[31m\\u{202e}\\u{85}\\u{7f}é")
        #expect(printable(String(repeating: "x", count: 100)) == String(repeating: "x", count: 64) + "...")
    }
}
