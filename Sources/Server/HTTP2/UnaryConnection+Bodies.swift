internal import NIOCore
internal import NIOHTTP2

/// What messages take of the budget.
extension UnaryConnection {
    /// Takes what has arrived of messages, at the end of a read that did not bring all of them.
    func claimMessages() {
        guard !grownCalls.isEmpty else { return }
        for call in grownCalls where call.phase == .collecting && calls[call.id] === call {
            call.frame.settle(on: loop)
            if !grow(call, to: call.frame.count) { fail(call, .noRoom) }
        }
        grownCalls.removeAll(keepingCapacity: true)
    }

    /// The whole message, inflated.
    func finishMessage(of call: Call) throws(CallFailure) -> ByteBuffer {
        if let claim = call.claim, !claim.keep() { throw .noRoom }
        return try call.frame.finish(call.head.coding, on: loop) { bytes in
            if call.claim == nil, bytes <= BodyBudget.freeBytes { return true }
            return self.grow(call, to: bytes) && call.claim?.keep() ?? false
        }
    }

    private func grow(_ call: Call, to bytes: Int) -> Bool {
        let claim: BodyClaim
        if let held = call.claim {
            claim = held
        } else {
            let bound = NIOLoopBound((connection: self, id: call.id), eventLoop: loop.eventLoop)
            claim = loop.settings.bodies.claim { [eventLoop = loop.eventLoop] in
                eventLoop.execute { bound.value.connection.giveWay(callOf: bound.value.id) }
            }
            call.claim = claim
        }
        return claim.grow(to: bytes)
    }

    /// Gives a message up for others, unless it is whole by now.
    private func giveWay(callOf id: HTTP2StreamID) {
        guard let call = calls[id], call.phase == .collecting, call.claim?.hasEnded ?? false else { return }
        fail(call, .noRoom)
        proceed()
    }
}
