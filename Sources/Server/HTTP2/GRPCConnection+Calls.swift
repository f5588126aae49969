internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2
internal import Settings

/// The life of a call.
extension GRPCConnection {
    // MARK: A call comes in

    func takeHead(_ headers: HPACKHeaders, endsStream: Bool, id: HTTP2StreamID) {
        if let call = calls[id] {
            // Trailers of the request: gRPC has none, but they end the message.
            if endsStream { complete(call) }
            return
        }
        guard id > lastID else { return }
        // By the last GOAWAY its client knows that it may retry it elsewhere.
        guard phase == .open else { return }
        lastID = id
        lastMove = .now()
        countCall()
        let call = Call(id: id, head: GRPCHead(headers))
        calls[id] = call
        if let method = call.head.wrongMethod {
            let text = "\(method) is not served here; gRPC calls are POST"
            return refuse(call, status: 405, Refusal(.wrongMethod, text), [("allow", "POST")])
        }
        guard call.head.isGRPC else {
            let text = "expected the content type application/grpc or application/grpc+proto"
            return refuse(call, status: 415, Refusal(.unsupportedMediaType, text))
        }
        switch service.admit(call.head) {
        case .refuse(let failure): return fail(call, failure)
        case .accept(let limit): call.frame = MessageFrame(limit: limit)
        }
        if case .unknown(let name) = call.head.coding {
            let known = name.utf8.count <= 40 ? name : String(name.prefix(40))
            return fail(
                call,
                CallFailure(
                    .unimplemented, "grpc-encoding \"\(known)\" is not supported; use gzip, deflate or none",
                    refusal: .unsupportedCoding),
                offersEncodings: true)
        }
        let now = NIODeadline.now()
        switch call.head.timeout {
        case .none: break
        case .some(let time): call.clientDeadline = now + time
        case .malformed:
            return fail(call, CallFailure(.internalError, "grpc-timeout is malformed", refusal: .malformed))
        }
        call.due = min(call.clientDeadline, now + limits.bodyTimeout)
        wake(at: call.due)
        if endsStream { complete(call) } else { grownCalls.append(call) }
    }

    func take(_ bytes: ByteBuffer, endsStream: Bool, id: HTTP2StreamID) {
        guard let call = calls[id], call.phase == .collecting else { return }
        if bytes.readableBytes > 0 {
            heldBytes += bytes.readableBytes
            if grownCalls.last !== call { grownCalls.append(call) }
            do {
                try call.frame.append(bytes, on: loop)
            } catch {
                return fail(call, error)
            }
            if heldBytes > http2Limits.heldBytes {
                return fail(
                    call,
                    CallFailure(
                        .unavailable, "the incomplete calls of this connection exceed the limit", refusal: .overloaded))
            }
        }
        if endsStream { complete(call) }
    }

    private func complete(_ call: Call) {
        guard call.phase == .collecting else { return }
        let message: ByteBuffer
        heldBytes -= call.frame.count
        do throws(CallFailure) {
            if call.clientDeadline <= .now() { throw .tooLate }
            message = try finishMessage(of: call)
        } catch {
            call.phase = .answering
            return fail(call, error)
        }
        call.phase = .answering
        call.due = call.clientDeadline
        switch service.answer(GRPCCall(head: call.head, message: message), on: loop.eventLoop) {
        case .now(let reply): answer(call, reply)
        case .later(let future): answer(call, later: future)
        }
        call.frame.discard(on: loop)
    }

    private func answer(_ call: Call, later future: EventLoopFuture<CallReply>) {
        future.hop(to: loop.eventLoop).assumeIsolated().whenComplete { result in
            // The client may have reset the call, or its deadline may have passed.
            guard self.calls[call.id] === call, call.phase == .answering else { return }
            switch result {
            case .success(let reply): self.answer(call, reply)
            case .failure(let error):
                self.loop.settings.observer?.faulted(error, listener: self.loop.settings.name)
                self.fail(call, .fault)
            }
            self.proceed()
        }
    }

    // MARK: The answer goes out

    private func answer(_ call: Call, _ reply: CallReply) {
        switch reply {
        case .failure(let failure): fail(call, failure)
        case .message(let message):
            loop.settings.observer?.answered(.ok, listener: loop.settings.name)
            let isGzip = call.head.acceptsGzip && message.readableBytes >= Self.compressedBytes
            let frame = framed(message, isGzip: isGzip)
            leave(call)
            write(.headers(.init(headers: frame.isGzip ? CallHeaders.okGzip : CallHeaders.ok)), id: call.id)
            write(.data(.init(data: .byteBuffer(frame.bytes))), id: call.id)
            write(.headers(.init(headers: CallHeaders.okTrailers, endStream: true)), id: call.id)
        }
    }

    /// Messages shorter than this are not worth compressing: they fit into one packet anyway.
    private static var compressedBytes: Int { 1024 }

    /// The message with its prefix.
    private func framed(_ message: ByteBuffer, isGzip: Bool) -> (bytes: ByteBuffer, isGzip: Bool) {
        guard message.readableBytes > 0 else { return (Self.emptyMessage, false) }
        var frame = ByteBuffer()
        frame.reserveCapacity(MessageFrame.prefixBytes + message.readableBytes)
        frame.writeRepeatingByte(0, count: MessageFrame.prefixBytes)
        let deflater = isGzip ? loop.takeDeflater() : nil
        if let deflater {
            message.withUnsafeReadableBytes { deflater.deflate($0, into: &frame, isLast: true) }
            loop.give(deflater)
            frame.setInteger(1, at: 0, as: UInt8.self)
        } else {
            frame.writeImmutableBuffer(message)
        }
        frame.setInteger(UInt32(frame.readableBytes - MessageFrame.prefixBytes), at: 1)
        return (frame, deflater != nil)
    }

    private static let emptyMessage = ByteBuffer(repeating: 0, count: MessageFrame.prefixBytes)

    func fail(_ call: Call, _ failure: CallFailure, offersEncodings: Bool = false) {
        if let observer = loop.settings.observer {
            observer.answered(failure.code, listener: loop.settings.name)
            if let reason = failure.refusal {
                observer.refused(Refusal(reason, failure.message), listener: loop.settings.name)
            }
        }
        end(call, with: CallHeaders.trailersOnly(failure, offersEncodings: offersEncodings))
    }

    private func refuse(_ call: Call, status: Int, _ refusal: Refusal, _ headers: [(String, String)] = []) {
        loop.settings.observer?.responded(status: status, listener: loop.settings.name)
        loop.settings.observer?.refused(refusal, listener: loop.settings.name)
        end(call, with: CallHeaders.plain(status: status, refusal.explanation, adding: headers))
    }

    /// Answers with headers only. The rest of the message is not waited for (RFC 9113, 8.1).
    private func end(_ call: Call, with headers: HPACKHeaders) {
        let isWhole = call.phase == .answering
        leave(call)
        write(.headers(.init(headers: headers, endStream: true)), id: call.id)
        if !isWhole, calls[call.id] != nil { write(.rstStream(.noError), id: call.id) }
    }

    private func leave(_ call: Call) {
        discard(call)
        call.phase = .leaving
        call.due = .now() + limits.writeTimeout
        wake(at: call.due)
    }

    /// Releases the message, unless it is handed on, and the head: a client that does not read its responses keeps the
    /// call open.
    private func discard(_ call: Call) {
        call.head.dropHeaders()
        if call.phase == .collecting { heldBytes -= call.frame.count }
        call.frame.discard(on: loop)
        call.held.end()
    }

    // MARK: The end of a call

    /// Its stream is closed: answered, reset, or damaged.
    func forget(_ id: HTTP2StreamID) {
        guard let call = calls.removeValue(forKey: id) else { return }
        discard(call)
        lastMove = .now()
        if calls.isEmpty { refreshDue() }
    }

    func drop(_ call: Call, _ code: HTTP2ErrorCode) { write(.rstStream(code), id: call.id) }

    func expire(_ call: Call) {
        switch call.phase {
        case .collecting: fail(call, .tooLate)
        case .answering: fail(call, .late)
        // The client does not read the response.
        case .leaving: drop(call, .cancel)
        }
    }
}

extension CallFailure {
    /// While the service is working on it.
    static let late = CallFailure(.deadlineExceeded, "the deadline of the call is exceeded")

    /// Before its message was complete.
    static let tooLate = CallFailure(
        .deadlineExceeded, "the deadline of the call was exceeded before its message was complete", refusal: .timeout)
}
