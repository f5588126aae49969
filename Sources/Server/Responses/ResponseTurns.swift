internal import NIOCore
internal import Synchronization

/// Lets long responses be made one piece at a time, with everything else that an event loop has to do in between.
///
/// NIO runs tasks that tasks have added before it looks at its sockets again, scheduled ones too once they are due: two
/// responses whose pieces add each other's would keep all clients waiting until they are whole. So each event loop makes one
/// piece, and the next one a moment after that. Shared by all listeners of the event loops. Thread-safe.
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

    /// Makes a piece when it is its turn: those that go first, then the others, each in their order. To be called on the
    /// event loop.
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
