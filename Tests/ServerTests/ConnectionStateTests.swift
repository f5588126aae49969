import Settings
import Testing

@testable import Server

@Suite struct ConnectionStateTests {
    private static func request(
        length: Int? = nil, isChunked: Bool = false, expectsContinue: Bool = false, fault: ServerRefusal? = nil
    ) -> RequestFraming {
        var framing = RequestFraming()
        framing.contentLength = length
        framing.isChunked = isChunked
        framing.expectsContinue = expectsContinue
        framing.fault = fault
        return framing
    }

    private func accepted(_ framing: RequestFraming, limit: Int = 10) -> ConnectionState {
        var state = ConnectionState(
            limits: ServerLimits {
                $0.discardBytes = 100
                $0.lingerBytes = 1000
            })
        #expect(state.receiveHead(framing) == .askService)
        _ = state.accept(bodyLimit: limit)
        return state
    }

    @Test("a whole request is answered and the next one may come")
    func wholeRequestIsAnswered() {
        var state = accepted(Self.request(length: 3))
        #expect(state.receiveBody(3) == .collect)
        #expect(state.receiveEnd() == .answer)
        #expect(state.keepsAlive)
        state.responseWritten()
        #expect(state.phase == .idle)
    }

    @Test("the head decides about the body before a byte of it is read")
    func headDecides() {
        var state = ConnectionState(limits: ServerLimits())
        _ = state.receiveHead(Self.request(length: 11))
        #expect(state.accept(bodyLimit: 10) == .refuse(.bodyTooLarge(limit: 10)))
        state = ConnectionState(limits: ServerLimits())
        _ = state.receiveHead(Self.request(length: 10, expectsContinue: true))
        #expect(state.accept(bodyLimit: 10) == .collect(sendContinue: true))
        state = ConnectionState(limits: ServerLimits())
        var framing = Self.request(length: 11)
        framing.codingRefusal = .unsupportedContentCoding("br")
        _ = state.receiveHead(framing)
        #expect(state.accept(bodyLimit: 10) == .refuse(.unsupportedContentCoding("br")))
        state = ConnectionState(limits: ServerLimits())
        _ = state.receiveHead(Self.request(length: .max))
        #expect(state.accept(bodyLimit: .max) == .refuse(.bodyTooLarge(limit: Int(Int32.max))))
    }

    @Test(
        "a refused request keeps the connection only if its unread body is small and of known length",
        arguments: [
            (request(length: 100), true), (request(length: 101), false), (request(isChunked: true), false),
            (request(length: 5, expectsContinue: true), false),
        ])
    func refusalKeepsTheConnectionIfItCan(framing: RequestFraming, keeps: Bool) {
        var state = ConnectionState(
            limits: ServerLimits {
                $0.discardBytes = 100
                $0.lingerBytes = 1000
            })
        #expect(state.receiveHead(framing) == .askService)
        #expect(state.receiveBody(1) == .ignore)
        #expect(state.receiveComplete() == true)
        #expect(state.keepsAlive == keeps)
        state.responseWritten()
        #expect(state.phase == (keeps ? .discarding : .closing))
        if keeps {
            #expect(state.receiveBody(99) == .ignore)
            #expect(state.receiveEnd() == .ignore)
            #expect(state.phase == .idle)
        } else {
            #expect(state.lastResponseLeft() == .linger)
            #expect(state.receiveBody(1000) == .ignore)
            #expect(state.receiveBody(1) == .close)
        }
    }

    @Test("each phase has its own time-out")
    func deadlinesDependOnThePhase() {
        var idle = ConnectionState(limits: ServerLimits())
        #expect(idle.deadlinePassed() == .close)
        idle.receiveFragment()
        #expect(idle.deadlinePassed() == .refuse)
        #expect(!idle.keepsAlive)
        var body = accepted(Self.request(length: 3))
        #expect(body.deadlinePassed() == .refuse)
        var answering = accepted(Self.request())
        #expect(answering.receiveEnd() == .answer)
        #expect(answering.deadlinePassed() == .close)
    }

    @Test("draining answers the current request as the last one")
    func drainEndsBehindTheRequest() {
        var state = accepted(Self.request(length: 3))
        state.drain()
        #expect(state.receiveBody(3) == .collect)
        #expect(state.receiveEnd() == .answer)
        #expect(!state.keepsAlive)
        state.responseWritten()
        #expect(state.phase == .closing)
        #expect(state.receiveHead(Self.request()) == .ignore)
        #expect(state.lastResponseLeft() == .close)
    }

    private enum Event: CaseIterable {
        case head, chunkedHead, faultyHead, accept, body, end, complete, fragment, fail, written, left, deadline, drain
    }

    @Test("in any order of events, no request is answered twice, and none is started after the last answer")
    func anyOrderIsSafe() {
        let events = Event.allCases
        let length = 4
        var count = 1
        for _ in 0..<length { count *= events.count }
        for number in 0..<count {
            var rest = number
            var sequence: [Event] = []
            for _ in 0..<length {
                sequence.append(events[rest % events.count])
                rest /= events.count
            }
            let fault = violation(of: sequence)
            if let fault { Issue.record("\(sequence): \(fault)") }
        }
    }

    /// Runs a request, then `sequence`; returns what is wrong.
    private func violation(of sequence: [Event]) -> String? {
        var state = ConnectionState(
            limits: ServerLimits {
                $0.discardBytes = 100
                $0.lingerBytes = 1000
            })
        var asked = 0
        var answers = 0
        var failures = 0
        var isOver = false
        for event in [.head, .accept] + sequence {
            let wasOver = isOver
            switch event {
            case .head, .chunkedHead, .faultyHead:
                let framing = Self.request(
                    length: event == .head ? 3 : nil, isChunked: event == .chunkedHead,
                    fault: event == .faultyHead ? .badRequest("") : nil)
                let verdict = state.receiveHead(framing)
                if verdict != .ignore {
                    asked += 1
                    if wasOver { return "a head is taken behind the end" }
                }
            case .accept: if state.phase == .refusing { _ = state.accept(bodyLimit: 10) }
            case .body: _ = state.receiveBody(2)
            case .end: if state.receiveEnd() != .ignore { answers += 1 }
            case .complete: if state.receiveComplete() { answers += 1 }
            case .fragment: state.receiveFragment()
            case .fail, .deadline:
                let isRefused = event == .fail ? state.fail() : state.deadlinePassed() == .refuse
                if isRefused { failures += 1 } else { state.close() }
            case .written: state.responseWritten()
            case .left: if state.phase == .closing { _ = state.lastResponseLeft() }
            case .drain: state.drain()
            }
            isOver = [.closing, .lingering, .closed].contains(state.phase)
            if wasOver, !isOver { return "it comes back to life" }
            if answers > asked { return "more answers than requests" }
            if failures > 1 { return "two failures are answered" }
            if failures > 0, state.keepsAlive, state.phase == .answering { return "a failure keeps the connection" }
        }
        return nil
    }
}
