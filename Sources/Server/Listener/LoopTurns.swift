package import NIOCore
internal import Synchronization

/// Divides long work into pieces, between which an event loop does everything else.
///
/// NIO runs tasks that tasks have added before it polls its sockets again, scheduled ones too once they are due: two long
/// works whose pieces schedule each other's would delay all clients until one of them is finished. So all of them share
/// one queue: each event loop does one piece, and the next one a moment later. Shared by all listeners of the event loops,
/// and by the services behind them. Thread-safe.
package final class LoopTurns: Sendable {
    /// What a piece belongs to. Requests and responses alternate, so that neither stops the other.
    package enum Work: Sendable {
        /// A response that comes before other responses.
        case urgentResponse
        case response
        /// A request that is processed.
        case request
    }

    /// Between two pieces: sockets come first. 20 µs, a hundredth of what a piece takes.
    private static let pause = TimeAmount.microseconds(20)

    private typealias Piece = NIOLoopBound<() -> Void>

    /// Of one event loop.
    private struct Queue {
        private var urgentResponses: [Piece] = []
        private var responses: [Piece] = []
        private var requests: [Piece] = []
        private var isRequestNext = false

        mutating func add(_ piece: Piece, of work: Work) {
            switch work {
            case .urgentResponse: urgentResponses.append(piece)
            case .response: responses.append(piece)
            case .request: requests.append(piece)
            }
        }

        mutating func next() -> Piece? {
            let hasResponse = !urgentResponses.isEmpty || !responses.isEmpty
            if !requests.isEmpty, isRequestNext || !hasResponse {
                isRequestNext = false
                return requests.removeFirst()
            }
            isRequestNext = true
            if !urgentResponses.isEmpty { return urgentResponses.removeFirst() }
            return responses.isEmpty ? nil : responses.removeFirst()
        }
    }

    /// Of the event loops that have pieces to do.
    private let queues = Mutex<[ObjectIdentifier: Queue]>([:])

    package init() {}

    /// Does a piece when it has its turn: of each kind of work in their order. To be called on the event loop.
    package func wait(for work: Work, on eventLoop: any EventLoop, _ piece: @escaping () -> Void) {
        let piece = NIOLoopBound(piece, eventLoop: eventLoop)
        let isRunning = queues.withLock { queues in
            let queue = queues[ObjectIdentifier(eventLoop)]
            queues[ObjectIdentifier(eventLoop), default: Queue()].add(piece, of: work)
            return queue != nil
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
