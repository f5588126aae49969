internal import NIOCore
internal import NIOHTTP1

/// Sending responses.
extension HTTPConnection {
    /// Calls the service, and sends its response now or once there is one.
    func answer(_ request: HTTPRequest) {
        switch service.answer(request, on: loop.eventLoop) {
        case .now(let response):
            respond(response)
        case .later(let future):
            future.hop(to: loop.eventLoop).assumeIsolated().whenComplete { result in
                // The client may have disconnected; there is no other current request than this one.
                guard self.state.phase == .answering else { return }
                switch result {
                case .success(let response):
                    self.respond(response)
                case .failure(let error):
                    self.loop.settings.observer?.faulted(error, listener: self.loop.settings.name)
                    self.respond(self.service.refusal(.internalError, of: request.head))
                }
                self.proceed()
            }
        }
    }

    /// Sends the response to the current request; the state must be `answering`.
    func respond(_ response: HTTPResponse) {
        refusal = nil
        held.end()
        hasServed = true
        if let observer = loop.settings.observer {
            observer.responded(status: Int(response.status.code), listener: loop.settings.name)
            if let refusal = response.refusal { observer.refused(refusal, listener: loop.settings.name) }
        }
        let response = OutgoingResponse(
            response, to: state.request, head: head, keepsAlive: state.keepsAlive, on: loop)
        if response.endsWithConnection { state.endWithConnection() }
        outgoing = response
        head = nil
        if let stream = response.stream { begin(stream) }
        pump()
    }

    /// Lets the service abort a body that it makes piece by piece.
    private func begin(_ stream: any ResponseStream) {
        let eventLoop = loop.eventLoop
        let connection = NIOLoopBound(WeakConnection(connection: self), eventLoop: eventLoop)
        stream.begin { [weak stream] in
            let stream = stream
            eventLoop.execute {
                guard let stream, let connection = connection.value.connection else { return }
                if connection.outgoing?.stream === stream { connection.abort() }
            }
        }
    }

    private struct WeakConnection {
        weak var connection: HTTPConnection?
    }

    /// Writes the next piece of the current response, if there is one and the client reads fast enough. Further pieces
    /// take turns (`LoopTurns`), so that one large response does not delay other connections.
    func pump() {
        guard let context, var response = outgoing, !isPumpScheduled, context.channel.isWritable || !response.hasBegun
        else { return }
        // Taken out, so that it does not exist twice while it changes.
        outgoing = nil
        var buffer = response.isLong ? loop.takePieceBuffer() : loop.takeResponseBuffer()
        let isLast = response.writeNext(into: &buffer, on: loop)
        responseMoved()
        if response.isCut {
            outgoing = response
            return abort()
        }
        if isLast {
            response.end(on: loop)
            finish(with: buffer)
            if response.isLong { loop.pieceBuffer = buffer } else { loop.responseBuffer = buffer }
            return
        }
        outgoing = response
        write(buffer)
        loop.pieceBuffer = buffer
        needsFlush = false
        // During the flush the channel may report that it is writable again.
        isPumpScheduled = true
        context.flush()
        isPumpScheduled = outgoing != nil && context.channel.isWritable
        if isPumpScheduled {
            loop.settings.turns.wait(
                for: response.stream?.goesFirst == true ? .urgentResponse : .response, on: loop.eventLoop
            ) {
                self.isPumpScheduled = false
                self.proceed()
            }
        }
    }

    func write(_ buffer: ByteBuffer) {
        context?.write(wrapOutboundOut(buffer), promise: nil)
        needsFlush = true
    }

    /// Writes the last bytes of the response, and then ends the connection if it is to end.
    private func finish(with buffer: ByteBuffer) {
        state.responseWritten()
        if state.phase == .closing { writeLast(buffer) } else { write(buffer) }
    }

    /// Writes the last bytes of the connection, and ends it when they have been sent.
    func writeLast(_ buffer: ByteBuffer) {
        let written = loop.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in self.lastResponseLeft() }
        context?.write(wrapOutboundOut(buffer), promise: written)
        needsFlush = true
    }

    private func lastResponseLeft() {
        switch state.lastResponseLeft() {
        case .linger where !isInputClosed:
            context?.close(mode: .output, promise: nil)
            proceed()
        case .linger, .close:
            abort()
        }
    }
}

extension ServerRefusal {
    /// The refusal for an error of the decoder.
    /// - Parameter bytes: the decoded bytes, if they are still there.
    init(_ error: HTTPParserError, decoding bytes: ByteBuffer?) {
        switch error {
        case .unexpectedContentLength, .invalidContentLength, .lfExpected, .strictModeAssertion, .unknown,
            .invalidHeaderToken,
            .invalidVersion:
            if let fault = FramingFault.named(in: bytes) {
                self = .badRequest(fault)
                return
            }
        default: break
        }
        switch error {
        case .headerOverflow: self = .headTooLarge
        case .invalidVersion, .paused: self = .badRequest("this port speaks HTTP/1.1 only, not HTTP/2 or gRPC")
        case .invalidEOFState: self = .badRequest("the request ends early")
        case .unexpectedContentLength:
            self = .badRequest("Content-Length is given twice, or with Transfer-Encoding; expected one of them")
        case .invalidContentLength: self = .badRequest("Content-Length is not a number of bytes")
        case .invalidChunkSize: self = .badRequest("the size of a chunk is malformed")
        case .invalidMethod: self = .badRequest("the request line does not start with an HTTP method")
        case .invalidHeaderToken: self = .badRequest("a header is malformed")
        case .invalidURL: self = .badRequest("the request target is neither a path nor a URL")
        default: self = .badRequest("the request is not HTTP/1.1")
        }
    }
}
