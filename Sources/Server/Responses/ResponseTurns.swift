internal import NIOCore
internal import Synchronization

/// Lets long responses be made one piece at a time, with other work of the event loop in between.
///
/// NIO runs tasks added by tasks before it polls its sockets again, scheduled ones too once they are due: two responses
/// whose pieces schedule each other would keep all clients waiting until they are complete. So each event loop makes
/// one piece, and the next one a moment later. Shared by all listeners of the event loops. Thread-safe.
package final class ResponseTurns: Sendable {
    /// Between two pieces: sockets come first. 20 µs, a hundredth of what a piece takes.
    private static let pause = TimeAmount.microseconds(20)

    private struct Queue {
        var first: [NIOLoopBound<() -> Void>] = []
        var others: [NIOLoopBound<() -> Void>] = []
        var isRunning = false

        mutating func next() -> NIOLoopBound<() -> Void>? {
            if !first.isEmpty { return first.removeFirst() }
            return others.isEmpty ? nil : others.removeFirst()
        }
    }

    private let queues = Mutex<[ObjectIdentifier: Queue]>([:])

    package init() {}

    /// Makes a piece when it is its turn: those with priority first, then the others, each in order. To be called on
    /// the event loop.
    func wait(goesFirst: Bool, on eventLoop: any EventLoop, _ piece: @escaping () -> Void) {
        let piece = NIOLoopBound(piece, eventLoop: eventLoop)
        let isRunning = queues.withLock { queues in
            var queue = queues[ObjectIdentifier(eventLoop)] ?? Queue()
            if goesFirst { queue.first.append(piece) } else { queue.others.append(piece) }
            let wasRunning = queue.isRunning
            queue.isRunning = true
            queues[ObjectIdentifier(eventLoop)] = queue
            return wasRunning
        }
        if !isRunning { scheduleTurn(on: eventLoop) }
    }

    private func scheduleTurn(on eventLoop: any EventLoop) {
        eventLoop.scheduleTask(in: Self.pause) {
            let piece = self.queues.withLock { queues in
                let piece = queues[ObjectIdentifier(eventLoop)]?.next()
                if piece == nil { queues[ObjectIdentifier(eventLoop)] = nil }
                return piece
            }
            guard let piece else { return }
            piece.value()
            self.scheduleTurn(on: eventLoop)
        }
    }
}
