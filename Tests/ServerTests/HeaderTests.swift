import NIOHTTP1
import Testing

@testable import Server

@Suite struct HeaderTests {
    @Test(
        "R-HTTP-10 R-HTTP-11 Content-Encoding is parsed in any letter case, without identity",
        arguments: [
            ("gzip", [ContentCoding.gzip]), ("GZIP", [.gzip]), ("x-gzip", [.gzip]), ("X-GZip", [.gzip]),
            ("deflate", [.deflate]), ("Deflate", [.deflate]), ("zlib", [.zlib]), ("identity", []), ("", []),
            (" gzip , identity ", [.gzip]), ("deflate,gzip", [.deflate, .gzip]), (",gzip,", [.gzip]),
            ("gzip, identity, gzip", [.gzip, .gzip]),
        ])
    func contentEncodingIsRead(value: String, expected: [ContentCoding]) throws {
        var codings: [ContentCoding] = []
        try ContentCoding.append(value, to: &codings)
        #expect(codings == expected)
    }

    @Test(
        "R-HTTP-11 unknown codings, and more than two, are refused by name",
        arguments: [
            ("br", "br"), ("snappy", "snappy"), ("lz4", "lz4"), ("gzip, compress", "compress"),
            ("gzip;q=1", "gzip;q=1"),
            ("gzip,gzip,gzip", "gzip,gzip,gzip"),
        ])
    func unknownCodingIsRefused(value: String, name: String) {
        #expect(throws: ServerRefusal.unsupportedContentCoding(name)) {
            var codings: [ContentCoding] = []
            try ContentCoding.append(value, to: &codings)
        }
    }

    @Test(
        "R-HTTP-20 Accept-Encoding accepts gzip if it is listed and its weight is not 0",
        arguments: [
            ("gzip", true), ("GZIP", true), ("deflate, gzip;q=0.5", true), ("gzip;q=0", false),
            ("gzip; Q=0.000", false),
            ("gzip;q=0.001", true), ("*", true), ("*;q=0", false), ("gzip;q=0, *", false), ("*;q=0, gzip", true),
            ("br", false), ("", false), ("identity", false), ("gzip;foo=0", true), ("x-gzip", true),
        ])
    func acceptEncodingIsRead(value: String, takesGzip: Bool) {
        #expect(AcceptEncoding.takesGzip(["Accept-Encoding": value]) == takesGzip)
    }

    @Test(
        "R-NEG-09 R-HTTP-20 gzip is used when it is acceptable by name or by asterisk, and identity is not preferred",
        arguments: [
            ([], false), ([""], false), (["gzip"], true), (["GZip"], true), (["x-gzip"], true),
            (["gzip, deflate"], true),
            (["deflate", "gzip"], true), (["gzip;q=0"], false), (["gzip;q=0.0"], false), (["gzip; q=0.001"], true),
            (["gzip;q=0, *"], false), (["*"], true), (["*;q=0"], false), (["*;q=0, gzip"], true),
            (["deflate, br, zstd"], false),
            (["identity"], false), (["identity, gzip"], true), (["identity;q=1, gzip;q=0.5"], false),
            (["identity;q=0.5, gzip;q=1.0"], true), (["identity;q=0, *"], true), (["gzip;q=x"], false),
            (["gzip;q="], false),
            (["gzip;q=2"], false), (["gzip;q=1.001"], false), (["gzip;q=-1"], false), (["gzip;q=0.0001"], false),
            (["gzip;Q=1.000"], true), (["gzipped"], false), (["\"gzip\""], false), ([" \tgzip\t ; q = 0.5"], true),
        ] as [([String], Bool)])
    func gzipIsWeighed(values: [String], takesGzip: Bool) {
        #expect(AcceptEncoding.takesGzip(HTTPHeaders(values.map { ("Accept-Encoding", $0) })) == takesGzip)
    }

    @Test("R-HTTP-20 without Accept-Encoding nothing is compressed")
    func nothingIsCompressedUnasked() {
        #expect(!AcceptEncoding.takesGzip(["Accept": "gzip"]))
        #expect(AcceptEncoding.takesGzip(["accept-encoding": "br", "ACCEPT-ENCODING": "gzip"]))
    }

    @Test(
        "the date has the format of HTTP",
        arguments: [
            (Int64(0), "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"),
            (-5, "Thu, 01 Jan 1970 00:00:00 GMT"),
        ])
    func dateIsWritten(seconds: Int64, expected: String) {
        var stamp = DateStamp()
        #expect(String(decoding: stamp.at(seconds), as: UTF8.self) == expected)
        #expect(String(decoding: stamp.at(seconds), as: UTF8.self) == expected)
    }

    private func framing(_ headers: [(String, String)], _ version: HTTPVersion = .http1_1) -> RequestFraming {
        RequestFraming(HTTPRequestHead(version: version, method: .POST, uri: "/", headers: HTTPHeaders(headers)))
    }

    @Test("ambiguous framing of a body is an error")
    func doubtfulFramingIsAFault() {
        let host = ("Host", "h")
        #expect(framing([host, ("Content-Length", "5")]).fault == nil)
        #expect(framing([host, ("Content-Length", "5"), ("content-length", "5")]).fault != nil)
        #expect(framing([host, ("Content-Length", "5"), ("Content-Length", "6")]).fault != nil)
        #expect(framing([host, ("Content-Length", "5"), ("Transfer-Encoding", "chunked")]).fault != nil)
        for length in ["+5", "-1", "0x5", "5 ", "", "5, 5", "99999999999999999999"] {
            #expect(framing([host, ("Content-Length", length)]).fault != nil, "\(length)")
        }
        #expect(framing([host, ("Transfer-Encoding", "Chunked")]).fault == nil)
        for coding in ["gzip, chunked", "identity", "gzip", ""] {
            #expect(framing([host, ("Transfer-Encoding", coding)]).fault != nil, "\(coding)")
        }
        #expect(framing([host, ("Transfer-Encoding", "chunked")], .http1_0).fault != nil)
        #expect(framing([]).fault != nil)
        #expect(framing([host, host]).fault != nil)
        #expect(framing([], .http1_0).fault == nil)
    }

    @Test("a request with Upgrade is the last on its connection")
    func upgradeEndsTheConnection() {
        #expect(framing([("Host", "h")]).keepsAlive)
        #expect(!framing([("Host", "h"), ("Upgrade", "h2c"), ("Connection", "Upgrade")]).keepsAlive)
        let tunnel = HTTPRequestHead(version: .http1_1, method: .CONNECT, uri: "h:1", headers: ["Host": "h"])
        #expect(!RequestFraming(tunnel).keepsAlive)
    }
}
