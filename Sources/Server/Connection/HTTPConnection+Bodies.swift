internal import NIOCore
internal import NIOHTTP1

/// The bodies' part of the budget.
extension HTTPConnection {
    /// Claims the received part of a body, at the end of a read that did not complete it.
    func claimBody() {
        guard state.phase == .body, body.heldBytes > 0 else { return }
        body.settle()
        let isGranted = held.grow(to: body.heldBytes, of: loop.settings.bodies, giveWay: makeGiveWay)
        if !isGranted { rejectBody(.noRoomForBody) }
    }

    /// The complete body, decompressed.
    func finishBody() throws(ServerRefusal) -> ByteBuffer {
        guard held.keep() else { throw .noRoomForBody }
        return try body.finish { bytes in
            held.growWhole(to: bytes, of: loop.settings.bodies, giveWay: makeGiveWay)
        }
    }

    /// A closure that refuses the current body for others, unless it is another one by then.
    private func makeGiveWay() -> @Sendable () -> Void {
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        return { [eventLoop = loop.eventLoop] in eventLoop.execute { bound.value.refuseForRoom() } }
    }

    private func refuseForRoom() {
        guard state.phase == .body, held.gaveWay, state.fail() else { return }
        end(with: response(to: .noRoomForBody))
    }

    /// The service's response to a refusal by the server.
    func response(to refusal: ServerRefusal) -> HTTPResponse {
        var response = service.refusal(refusal, of: head)
        if refusal == .noRoomForBody {
            response.headers.replaceOrAdd(name: "Retry-After", value: String(ServerRefusal.noRoomRetrySeconds))
        }
        return response
    }
}
