internal import NIOCore
internal import NIOHTTP2

/// The messages' part of the budget.
extension GRPCConnection {
    /// Claims the memory of incomplete calls that began or grew, at the end of a read.
    func claimMessages() {
        guard !grownCalls.isEmpty else { return }
        for call in grownCalls where call.phase == .collecting && calls[call.id] === call {
            call.frame.settle(on: loop)
            let isGranted = call.held.grow(to: call.byteCount, of: loop.settings.bodies) { makeGiveWay(of: call) }
            if !isGranted { fail(call, .noRoom) }
        }
        grownCalls.removeAll(keepingCapacity: true)
    }

    /// The complete message, decompressed.
    func finishMessage(of call: Call) throws(CallFailure) -> ByteBuffer {
        guard call.held.keep() else { throw .noRoom }
        return try call.frame.finish(call.head.coding, on: loop) { bytes in
            call.held.growWhole(to: bytes, of: loop.settings.bodies) { makeGiveWay(of: call) }
        }
    }

    /// A closure that refuses a message for others, unless it is complete by then.
    private func makeGiveWay(of call: Call) -> @Sendable () -> Void {
        let bound = NIOLoopBound((connection: self, id: call.id), eventLoop: loop.eventLoop)
        return { [eventLoop = loop.eventLoop] in
            eventLoop.execute { bound.value.connection.refuseForRoom(callOf: bound.value.id) }
        }
    }

    private func refuseForRoom(callOf id: HTTP2StreamID) {
        guard let call = calls[id], call.phase == .collecting, call.held.gaveWay else { return }
        fail(call, .noRoom)
        proceed()
    }
}
