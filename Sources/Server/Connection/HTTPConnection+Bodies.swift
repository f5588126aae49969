internal import NIOCore
internal import NIOHTTP1

/// What bodies take of the budget.
extension HTTPConnection {
    /// Takes what has arrived of a body, at the end of a read that did not bring all of it.
    func claimBody() {
        guard state.phase == .body, body.heldBytes > 0 else { return }
        body.settle()
        if !grow(to: body.heldBytes) { rejectBody(.noRoomForBody) }
    }

    /// The whole body, inflated.
    func finishBody() throws(ServerRefusal) -> ByteBuffer {
        if let claim, !claim.keep() { throw .noRoomForBody }
        return try body.finish { bytes in
            if self.claim == nil, bytes <= BodyBudget.freeBytes { return true }
            return self.grow(to: bytes) && self.claim?.keep() ?? false
        }
    }

    private func grow(to bytes: Int) -> Bool {
        let claim: BodyClaim
        if let held = self.claim {
            claim = held
        } else {
            let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
            claim = loop.settings.bodies.claim { [eventLoop = loop.eventLoop] in
                eventLoop.execute { bound.value.giveWay() }
            }
            self.claim = claim
        }
        return claim.grow(to: bytes)
    }

    /// Gives the body at hand up for others, unless it is another one by now.
    private func giveWay() {
        guard state.phase == .body, claim?.hasEnded ?? false, state.fail() else { return }
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
