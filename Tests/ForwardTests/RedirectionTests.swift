import NIOHTTP1
import Testing

@testable import Forward

/// Redirects.
@Suite struct RedirectionTests {
    private static let server = HTTPServer(
        host: "loki.example.org", port: 3100, authority: "loki.example.org:3100", path: "/v1/logs?a=b", isSecure: false)

    private static func redirection(
        _ status: Int, _ location: String?, secure: Bool = false, hasHeaders: Bool = false, canEncrypt: Bool = true
    ) -> Redirection {
        var server = server
        server.isSecure = secure
        let headers = HTTPHeaders(location.map { [("Location", $0)] } ?? [])
        return Redirection(
            of: HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers), from: server,
            origin: server, hasHeaders: hasHeaders, canEncrypt: canEncrypt)
    }

    private static func text(_ redirection: Redirection) -> String {
        switch redirection {
        case .none: "none"
        case .follow(let server): "\(server.isSecure ? "https" : "http") \(server.host) \(server.port) \(server.path)"
        case .refused(let refusal): refusal.text
        }
    }

    @Test(
        "307 and 308 are followed, with all forms of addresses",
        arguments: [
            ("/other", "http loki.example.org 3100 /other"), ("//h/x?y", "http h 80 /x?y"),
            ("http://h:81", "http h 81 /"), ("HTTPS://H/a#b", "https h 443 /a"),
            ("https://[::1]:9/a", "https ::1 9 /a"),
            ("https://[::1]", "https ::1 443 /"), ("http://h?q=/", "http h 80 /?q=/"),
        ])
    func followed(location: String, expected: String) {
        for status in [307, 308] {
            #expect(Self.text(Self.redirection(status, location)) == expected)
        }
    }

    @Test(
        "addresses other than HTTP are not followed",
        arguments: [
            "", "ftp://h/", "other", "http://", "http:///x", "http://h:0", "http://h:70000", "http://h:x", "http://u@h",
            "http://h o", "http://h\u{0}", "http://ä", "http://a:b:1", "http://[h]", "//", "http://:80", "javascript:x",
            "http://" + String(repeating: "h", count: 300), "//h:" + String(repeating: "0", count: 300) + "80",
        ])
    func wrongAddresses(location: String) {
        #expect(
            Self.redirection(308, location) == .refused(Refusal("HTTP 308", "HTTP 308 without a valid Location")))
    }

    @Test("a redirect that would lose the export, its encryption or a secret is refused")
    func unsafeIsRefused() {
        for status in [301, 302, 303] {
            #expect(Self.text(Self.redirection(status, "http://h/login")).contains("not apply to exports"))
        }
        #expect(Self.redirection(307, nil) == .refused(Refusal("HTTP 307", "HTTP 307 without a valid Location")))
        #expect(Self.redirection(304, "/x") == .none)
        #expect(Self.redirection(200, "/x") == .none)
        #expect(Self.text(Self.redirection(307, "http://loki.example.org/", secure: true)).contains("not be encrypted"))
        #expect(Self.text(Self.redirection(307, "https://h/", canEncrypt: false)).contains("write https"))
        let hosts = [
            ("loki.example.org", true), ("LOKI.example.org:1", true), ("eu.loki.example.org", true),
            ("example.org", false), ("evil-loki.example.org", false), ("loki.example.org.evil", false),
        ]
        for (host, isFollowed) in hosts {
            let text = Self.text(Self.redirection(307, "http://\(host)/", hasHeaders: true))
            #expect(text.contains("another host") != isFollowed, "\(host)")
        }
        #expect(!Self.text(Self.redirection(302, "http://h/?token=secret")).contains("secret"))
    }

    @Test("messages with a long address are bounded")
    func longAddresses() {
        let (long, zeros) = (String(repeating: "x", count: 60_000), String(repeating: "0", count: 60_000))
        for location in ["/\(long)", "//h?\(long)/", "http://\(long)/", "//h:\(zeros)80/", "http://[::\(zeros)1]/"] {
            #expect(Self.text(Self.redirection(302, location)).count < 400)
        }
        #expect(Self.text(Self.redirection(307, "http://h/\(long)", secure: true)).count < 400)
        // It is followed nevertheless.
        #expect(Self.text(Self.redirection(308, "/\(long)")) == "http loki.example.org 3100 /\(long)")
    }

    @Test("nothing is below an address")
    func addresses() {
        var origin = Self.server
        origin.host = "0.0.1"
        let head = HTTPResponseHead(
            version: .http1_1, status: .temporaryRedirect, headers: ["Location": "http://127.0.0.1/"])
        let redirection = Redirection(of: head, from: origin, origin: origin, hasHeaders: true, canEncrypt: false)
        #expect(Self.text(redirection).contains("another host"))
    }
}
