import Testing

@testable import Exposition

@Suite struct ScrapeNegotiationTests {
    private func response(
        method: String = "GET", accept: [String] = [], offersOpenMetrics: Bool = false
    ) throws -> ScrapeResponse {
        let negotiation = ScrapeNegotiation(offersOpenMetrics: offersOpenMetrics)
        let answer = negotiation.answer(method: method, accept: accept)
        guard case .exposition(let response) = answer else {
            throw Unexpected(answer: answer)
        }
        return response
    }

    private struct Unexpected: Error {
        var answer: ScrapeAnswer
    }

    @Test(
        "R-NEG-01 R-TXT-01 a scraper gets text 0.0.4 unless it accepts another supported format",
        arguments: [
            [], [""], ["text/plain"], ["text/plain;version=0.0.4"], ["*/*"], ["text/*;q=0.1"], ["application/json"],
            ["text/html"], ["text/plain; version=1.0.0"], [";;;"], [",,,"],
            ["application/openmetrics-text; version=1.0.0"],
            ["text/plain;q=0"], ["text/plain;version=0.0.4;q=0, */*;q=0"], ["q=1"], ["\"unterminated, text/plain"],
            ["text/plain;escaping=\"\r\nSet-Cookie: x\""],
        ] as [[String]])
    func textIsTheAnswer(accept: [String]) throws {
        let response = try response(accept: accept)
        #expect(response.format == .text004)
        #expect(response.headers.map(\.name) == ["Content-Type", "Vary"])
        #expect(response.headers.first?.value == "text/plain; version=0.0.4; charset=utf-8")
        #expect(response.headers.last?.value == "Accept")
    }

    @Test("R-NEG-10 GET and HEAD are answered, HEAD without a body")
    func methods() throws {
        #expect(try response(method: "GET").hasBody)
        #expect(try !response(method: "HEAD").hasBody)
        #expect(
            try response(method: "HEAD").headers.map(\.value) == response().headers.map(\.value))
    }

    @Test("R-NEG-10 other methods are not allowed", arguments: ["POST", "PUT", "DELETE", "OPTIONS", "get", "", "GET "])
    func otherMethods(method: String) {
        let answer = ScrapeNegotiation().answer(method: method, accept: ["text/plain"])
        #expect(answer == .methodNotAllowed)
        #expect(ScrapeAnswer.allowedMethods == "GET, HEAD")
    }

    private static let protobufType =
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

    @Test(
        "R-NEG-02 R-NEG-03 the Accept headers of Prometheus 2.45, 2.53 and 3 get the requested format",
        arguments: [
            // 2.40 to 2.48, without and with native histograms.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", ExpositionFormat.openMetrics100,
                NameEscaping.underscores
            ),
            (
                protobufType + ",application/openmetrics-text;version=1.0.0;q=0.8,"
                    + "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                .protobuf, .underscores
            ),
            // 2.49 to 2.55.
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
                    + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", .openMetrics100, .underscores
            ),
            (
                protobufType + ";q=0.5,application/openmetrics-text;version=1.0.0;q=0.4,"
                    + "application/openmetrics-text;version=0.0.1;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                .protobuf, .underscores
            ),
            // 3.4 and later; with native histograms names are escaped, since protobuf has no escaping parameter.
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                    + "application/openmetrics-text;version=0.0.1;q=0.5,"
                    + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                .openMetrics100, .allowUTF8
            ),
            (
                protobufType + ";q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                    + "application/openmetrics-text;version=0.0.1;q=0.4,"
                    + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                .protobuf, .underscores
            ),
            // 3.0 to 3.3.
            (
                protobufType + ";escaping=allow-utf-8;q=0.6,"
                    + "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                    + "application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.4,"
                    + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
                    + "text/plain;version=0.0.4;escaping=allow-utf-8;q=0.2,*/*;q=0.1",
                .protobuf, .allowUTF8
            ),
        ])
    func prometheusIsAnswered(accept: String, format: ExpositionFormat, escaping: NameEscaping) throws {
        let response = try response(accept: [accept], offersOpenMetrics: true)
        #expect(response.format == format)
        #expect(response.escaping == escaping)
        // R-NEG-08: without OpenMetrics the next best is used.
        let without = try self.response(accept: [accept])
        #expect(without.format == (format == .protobuf ? .protobuf : .text004))
    }

    @Test("R-NEG-01 the highest weight wins in any order")
    func weightsDecide() throws {
        for (accept, format) in [
            ("text/plain;q=0.9,application/openmetrics-text;version=1.0.0;q=0.8", ExpositionFormat.text004),
            ("text/plain;q=0.7,application/openmetrics-text;version=1.0.0;q=0.8", .openMetrics100),
            ("text/plain,application/openmetrics-text;version=1.0.0", .text004),
            ("application/openmetrics-text", .openMetrics001),
            ("application/openmetrics-text;version=0.0.1", .openMetrics001),
            ("application/openmetrics-text;version=2.0.0", .text004),
            ("application/openmetrics-text;version=1.0.0;q=0, text/plain", .text004),
            ("application/vnd.google.protobuf", .text004),
            ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text", .text004),
            ("application/vnd.google.protobuf;proto=x;encoding=delimited", .text004),
            ("*/*", .text004),
        ] {
            #expect(try response(accept: [accept], offersOpenMetrics: true).format == format, "\(accept)")
        }
    }

    @Test("R-NEG-04 R-NEG-06 R-OM-01 the content type has format, version and escaping")
    func contentTypes() throws {
        let openMetrics = "application/openmetrics-text; version=1.0.0"
        let protobuf =
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
        for (accept, type) in [
            (openMetrics, openMetrics + "; charset=utf-8; escaping=underscores"),
            (openMetrics + "; escaping=allow-utf-8", openMetrics + "; charset=utf-8; escaping=allow-utf-8"),
            (openMetrics + "; escaping=dots", openMetrics + "; charset=utf-8; escaping=dots"),
            (openMetrics + "; escaping=values", openMetrics + "; charset=utf-8; escaping=values"),
            ("application/openmetrics-text", "application/openmetrics-text; version=0.0.1; charset=utf-8"),
            (protobuf, protobuf + "; escaping=underscores"),
            (protobuf + "; escaping=values", protobuf + "; escaping=values"),
            ("text/plain", "text/plain; version=0.0.4; charset=utf-8"),
            (
                "text/plain; version=0.0.4; escaping=allow-utf-8",
                "text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8"
            ),
        ] {
            let response = try response(accept: [accept], offersOpenMetrics: true)
            #expect(response.headers.first?.value == type)
        }
    }

    @Test(
        "R-NEG-05 an unknown escaping is ignored and never echoed",
        arguments: ["", "x", "ALLOW-UTF-8", "\"\r\nSet-Cookie: a=b\"", "underscores\0", "\"values, dots\""])
    func unknownEscaping(escaping: String) throws {
        let accept = "application/openmetrics-text;version=1.0.0;escaping=" + escaping
        let response = try response(accept: [accept], offersOpenMetrics: true)
        #expect(response.escaping == .underscores)
        #expect(
            response.headers.first?.value
                == "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores")
    }

    @Test("entries are parsed with their parameters, quoted or not, and their weights")
    func entries() {
        let entries = AcceptEntry.entries(in: [
            "Text/Plain ; Version=0.0.4;q=0.25, a/b;x=\"1,2;\\\"3\\\\\";q=\"0.5\"", "", " */* ;q=0.123;flag",
        ])
        #expect(
            entries == [
                AcceptEntry(value: "text/plain", parameters: [.init(name: "version", value: "0.0.4")], quality: 250),
                AcceptEntry(value: "a/b", parameters: [.init(name: "x", value: "1,2;\"3\\")], quality: 500),
                AcceptEntry(value: "*/*", quality: 123),
            ])
    }

    @Test(
        "R-NEG-04 R-NEG-06 R-NEG-08 without OpenMetrics its readers get text with the requested escaping",
        arguments: [
            // Prometheus 3.x.
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                + "application/openmetrics-text;version=0.0.1;q=0.4,"
                + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8",
            "text/plain;version=1.0.0;escaping=allow-utf-8", "text/plain;version=2.0.0;escaping=allow-utf-8",
        ])
    func escapingIsKept(accept: String) throws {
        let response = try response(accept: [accept])
        #expect(response.escaping == .allowUTF8)
        #expect(
            response.headers.first?.value == "text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8")
    }

    @Test("text 1.0.0 is answered with text 0.0.4")
    func versionsAreTold() throws {
        for (accept, isMeant) in [
            ("text/plain", true), ("text/plain;version=0.0.4", true), ("text/plain;version=1.0.0", true),
            ("text/plain;version=\"0.0.4\"", true), ("text/*", true), ("*/*", true), ("application/json", false),
            ("text/plain;version=2.0.0", false),
        ] {
            let entry = try #require(AcceptEntry.entries(in: [accept]).first)
            #expect(ExpositionFormat.text004.isMeant(by: entry) == isMeant, "\(accept)")
        }
    }

    @Test("hostile headers take little time and have no effect", .timeLimit(.minutes(1)))
    func hostileHeaders() throws {
        let hostile = [
            String(repeating: ",", count: 1_000_000), String(repeating: ";", count: 1_000_000),
            String(repeating: "\"", count: 1_000_001), String(repeating: "\\", count: 1_000_000),
            String(repeating: "a/b;q=0.9,", count: 100_000), String(repeating: " ", count: 1_000_000),
            "\0\u{FFFD}" + String(repeating: "=", count: 1_000_000),
            "gzip;q=1" + String(repeating: "1", count: 100_000),
        ]
        for header in hostile {
            let response = try response(accept: Array(repeating: header, count: 100))
            #expect(response.format == .text004)
            let entries = AcceptEntry.entries(in: [header, header])
            #expect(entries.count <= AcceptEntry.countLimit)
            #expect(entries.allSatisfy { $0.parameters.count <= AcceptEntry.parameterLimit })
        }
    }
}
