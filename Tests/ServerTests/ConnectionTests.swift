import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import Server

@Suite struct ConnectionTests {
    static func post(_ path: String, _ body: String, headers: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: h\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test("R-HTTP-23 a connection serves request after request")
    func connectionIsKept() async throws {
        try await withListener { listener in
            let client = try RawClient(port: listener.port)
            for index in 0..<20 {
                try client.send(Self.post("/\(index)", "body \(index)"))
                let response = try client.response()
                #expect(response.status == 200)
                #expect(response.text == "/\(index) body \(index)")
                #expect(response["connection"] == nil)
                #expect(response["date"]?.hasSuffix(" GMT") == true)
            }
            #expect(await eventually { listener.openConnections == 1 })
        }
    }

    @Test("R-HTTP-23 a request may arrive byte by byte")
    func bytesMayComeOneByOne() async throws {
        try await withListener { listener in
            let client = try RawClient(port: listener.port)
            for body in ["0123456789", ""] {
                try client.sendByteByByte(Self.post("/a", body).utf8)
                #expect(try client.response().text == "/a " + body)
            }
            try client.sendByteByByte(
                "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nT: t\r\n\r\n"
                    .utf8)
            #expect(try client.response().text == "/c abcd")
        }
    }

    @Test("a body in too many crumbs gets 400; as many large chunks are accepted", arguments: [1, 100])
    func crumbsAreRefused(chunkBytes: Int) async throws {
        let service = TestService(admit: { _ in .accept(bodyLimit: 4 << 20) })
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port)
            let chunk = String(chunkBytes, radix: 16) + "\r\n" + String(repeating: "x", count: chunkBytes) + "\r\n"
            try client.send(
                "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + String(repeating: chunk, count: 17_000) + "0\r\n\r\n")
            #expect(try client.response().status == (chunkBytes == 1 ? 400 : 200))
        }
    }

    @Test("R-HTTP-23 pipelined requests are answered in order, also if the answers are late")
    func pipelinedRequestsKeepTheirOrder() async throws {
        let service = TestService(answer: { request, eventLoop in
            guard request.head.uri.hasSuffix("late") else { return .now(.echo(request)) }
            let promise = eventLoop.makePromise(of: HTTPResponse.self)
            eventLoop.scheduleTask(in: .milliseconds(5)) { promise.succeed(.echo(request)) }
            return .later(promise.futureResult)
        })
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port)
            let paths = (0..<40).map { $0 % 3 == 0 ? "/\($0)-late" : "/\($0)" }
            try client.send(paths.map { Self.post($0, $0) }.joined())
            for path in paths {
                #expect(try client.response().text == "\(path) \(path)")
            }
            #expect(service.requests.map(\.uri) == paths)
        }
    }

    @Test("R-HTTP-23 a late answer from another event loop reaches its client")
    func answerMayComeFromAnotherLoop() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let service = TestService(answer: { request, _ in
            .later(group.next().submit { .echo(request) })
        })
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port)
            for index in 0..<10 {
                try client.send(Self.post("/\(index)", "x"))
                #expect(try client.response().text == "/\(index) x")
            }
        }
        try await group.shutdownGracefully()
    }

    @Test("a failed answer is a 500, and is reported to the observer")
    func failedAnswerIsAFaultOfOurs() async throws {
        struct Broken: Error {}
        let observer = TestObserver()
        let service = TestService(answer: { _, eventLoop in .later(eventLoop.makeFailedFuture(Broken())) })
        try await withListener(service, observer: observer) { listener in
            let client = try RawClient(port: listener.port)
            try client.send(Self.post("/", "x"))
            #expect(try client.response().status == 500)
            #expect(observer.faults == 1)
            #expect(observer.statuses == [500])
        }
    }

    @Test("Connection: close is answered and obeyed", arguments: ["close", "Close", "keep-alive, close"])
    func closeIsObeyed(value: String) async throws {
        try await withListener { listener in
            let client = try RawClient(port: listener.port)
            try client.send(Self.post("/", "x", headers: "Connection: \(value)\r\n"))
            let response = try client.response()
            #expect(response.status == 200)
            #expect(response["connection"] == "close")
            #expect(try client.isClosedByServer())
        }
    }

    @Test("HTTP/1.0 is closed unless it requests keep-alive")
    func version10IsClosedUnlessKept() async throws {
        try await withListener { listener in
            let client = try RawClient(port: listener.port)
            try client.send("POST /a HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx")
            let kept = try client.response()
            #expect(kept.text == "/a x")
            #expect(kept["connection"] == "keep-alive")
            try client.send("GET /b HTTP/1.0\r\n\r\n")
            let closed = try client.response()
            #expect(closed.text == "/b ")
            #expect(closed["connection"] == "close")
            #expect(try client.isClosedByServer())
        }
    }

    @Test("a client that has closed its side still gets all its answers")
    func halfClosedClientIsAnswered() async throws {
        let service = TestService(answer: { request, eventLoop in
            let promise = eventLoop.makePromise(of: HTTPResponse.self)
            eventLoop.scheduleTask(in: .milliseconds(5)) { promise.succeed(.echo(request)) }
            return .later(promise.futureResult)
        })
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port)
            try client.send(Self.post("/1", "a") + Self.post("/2", "b"))
            client.closeOutput()
            #expect(try client.response().text == "/1 a")
            #expect(try client.response().text == "/2 b")
            #expect(try client.isClosedByServer())
            #expect(await eventually { listener.openConnections == 0 })
        }
    }

    @Test("a half-closed client that reads slowly gets the whole answer")
    func halfClosedClientGetsALargeAnswer() async throws {
        let large = String(repeating: "x", count: 4 << 20)
        try await withListener(TestService(answer: { _, _ in .now(.text(large)) })) { listener in
            let client = try RawClient(port: listener.port, receiveBufferBytes: 4096)
            try client.send(Self.post("/", ""))
            client.closeOutput()
            #expect(try client.response().body.count == large.utf8.count)
            #expect(try client.isClosedByServer())
        }
    }

    @Test("R-HTTP-30 a client that disconnects within a body leaves no state", arguments: [true, false])
    func disconnectLeavesNothing(byReset: Bool) async throws {
        let service = TestService()
        try await withListener(service) { listener in
            for body in ["Content-Length: 10\r\n\r\n12345", "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n"] {
                let client = try RawClient(port: listener.port)
                let before = service.admissions
                try client.send("POST / HTTP/1.1\r\nHost: h\r\n" + body)
                #expect(await eventually { service.admissions > before })
                if byReset { client.reset() } else { client.closeOutput() }
                #expect(await eventually { listener.openConnections == 0 })
            }
            #expect(service.requests.isEmpty)
        }
    }

    @Test("a client that closes its side within a request gets an error")
    func earlyEndIsABadRequest() async throws {
        try await withListener { listener in
            for start in ["POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345", "POST / HT"] {
                let client = try RawClient(port: listener.port)
                try client.send(start)
                client.closeOutput()
                #expect(try client.response().status == 400)
                #expect(try client.isClosedByServer())
            }
        }
    }

    @Test("R-HTTP-25 100 Continue is sent when the request is accepted, and only then")
    func continueFollowsAdmission() async throws {
        let service = TestService(admit: { head in
            head.uri == "/refused" ? .refuse(.text("no", status: .notFound)) : .accept(bodyLimit: 10)
        })
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port)
            let head = "HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length:"
            try client.send("POST /a \(head) 4\r\n\r\n")
            #expect(try client.response().status == 100)
            #expect(service.requests.isEmpty)
            try client.send("body")
            #expect(try client.response().text == "/a body")
            try client.send("POST /b \(head) 0\r\n\r\n")
            #expect(try client.response().text == "/b ")
            try client.send("POST /refused \(head) 4\r\n\r\n")
            let refused = try client.response()
            #expect(refused.status == 404)
            #expect(refused["connection"] == "close")
            client.closeOutput()
            #expect(try client.isClosedByServer())

            let second = try RawClient(port: listener.port)
            try second.send("POST /large \(head) 11\r\n\r\n")
            #expect(try second.response().status == 413)
        }
    }

    @Test("the observer gets every status")
    func observerIsToldEveryStatus() async throws {
        let observer = TestObserver()
        try await withListener(observer: observer) { listener in
            let client = try RawClient(port: listener.port)
            try client.send(Self.post("/", "x"))
            _ = try client.response()
            try client.send(Self.post("/", "x", headers: "Content-Encoding: br\r\n"))
            _ = try client.response()
            try client.send("nonsense\r\n\r\n")
            _ = try client.response()
            #expect(observer.statuses == [200, 415, 400])
        }
    }
}
