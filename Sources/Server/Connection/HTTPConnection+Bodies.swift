internal import NIOCore
internal import NIOHTTP1

/// What bodies take of the budget.
extension HTTPConnection {
    /// Takes what has arrived of a body, at the end of a read that did not bring all of it.
    func claimBody() {
        guard state.phase == .body, body.heldBytes > 0 else { return }
        body.settle()
        let isGranted = held.grow(to: body.heldBytes, of: loop.settings.bodies, giveWay: makeGiveWay)
        if !isGranted { rejectBody(.noRoomForBody) }
    }

    /// The whole body, inflated.
    func finishBody() throws(ServerRefusal) -> ByteBuffer {
        guard held.keep() else { throw .noRoomForBody }
        return try body.finish { bytes in
            held.growWhole(to: bytes, of: loop.settings.bodies, giveWay: makeGiveWay)
        }
    }

    /// What gives the body at hand up for others, unless it is another one by then.
    private func makeGiveWay() -> @Sendable () -> Void {
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        return { [eventLoop = loop.eventLoop] in eventLoop.execute { bound.value.giveWay() } }
    }

    private func giveWay() {
        guard state.phase == .body, held.gaveWay, state.fail() else { return }
        end(with: response(to: .noRoomForBody))
    }

    /// The answer of the service to a refusal by the server.
    func response(to refusal: ServerRefusal) -> HTTPResponse {
        var response = service.refusal(refusal, of: head)
        if refusal == .noRoomForBody {
            response.headers.replaceOrAdd(name: "Retry-After", value: String(ServerRefusal.noRoomRetrySeconds))
        }
        return response
    }
}
