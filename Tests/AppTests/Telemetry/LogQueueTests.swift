import ConfigFile
import Foundation
import Settings
import Testing

@testable import App

/// The two ends of a pipe, closed with the value.
final class LogPipe {
    private var ends: [Int32] = [-1, -1]
    private var received: [UInt8] = []

    /// - Parameter isFull: nothing can be written until it is read.
    init(isFull: Bool = false) throws {
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        guard isFull else { return }
        let flags = fcntl(writingEnd, F_GETFL)
        _ = fcntl(writingEnd, F_SETFL, flags | O_NONBLOCK)
        let filler = [UInt8](repeating: UInt8(ascii: "x"), count: 4095) + [10]
        while write(writingEnd, filler, filler.count) > 0 {}
        _ = fcntl(writingEnd, F_SETFL, flags)
    }

    var writingEnd: Int32 { ends[1] }

    func closeReadingEnd() { closeEnd(0) }

    func closeWritingEnd() { closeEnd(1) }

    private func closeEnd(_ index: Int) {
        if ends[index] >= 0 { close(ends[index]) }
        ends[index] = -1
    }

    deinit {
        closeReadingEnd()
        closeWritingEnd()
    }

    /// Reads available bytes into `received`; waits for the first at most this long.
    @discardableResult
    func fill(waiting milliseconds: Int32) -> Bool {
        var ready = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, milliseconds) == 1 else { return false }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = read(ends[0], &buffer, buffer.count)
        received += buffer[..<max(0, count)]
        return count > 0
    }

    /// The lines up to and including this one, without those that only filled the pipe.
    func lines(through last: String) -> [String] { lines { $0 == last } }

    /// The same, up to the first line that meets the condition.
    func lines(through isLast: (String) -> Bool) -> [String] {
        var lines: [String] = []
        while !(lines.last.map(isLast) ?? false) {
            guard let end = received.firstIndex(of: 10) else {
                if fill(waiting: 30_000) { continue }
                break
            }
            let line = String(decoding: received[..<end], as: UTF8.self)
            received.removeSubrange(...end)
            if !line.hasPrefix("xxxx") { lines.append(line) }
        }
        return lines
    }
}

@Suite struct LogQueueTests {
    private static func line(_ number: Int) -> [UInt8] { Array("line \(number)\n".utf8) }

    @Test("without a reader lines wait up to the limit, others are dropped, and the next line has their number")
    func beyondTheLimitLinesAreDroppedAndTold() throws {
        let pipe = try LogPipe(isFull: true)
        let queue = LogQueue(
            pipe.writingEnd, limits: LogLimits { ($0.maxBacklog, $0.maxBacklogLines) = (64 << 10, 1000) }
        ) {
            Array("dropped \($0)\n".utf8)
        }
        for number in 0..<5000 { queue.append(Self.line(number)) }
        #expect(queue.droppedLines == 4000)
        queue.flush(within: .milliseconds(20))
        let lines = pipe.lines(through: "dropped 4000")
        #expect(lines == (0..<1000).map { "line \($0)" } + ["dropped 4000"])
        queue.append(Self.line(5000))
        #expect(pipe.lines(through: "line 5000") == ["line 5000"])
        #expect(queue.droppedLines == 4000)
    }

    @Test("bytes are limited, too, and a line beyond the limit is dropped alone")
    func bytesAreLimited() throws {
        let pipe = try LogPipe(isFull: true)
        let queue = LogQueue(pipe.writingEnd, limits: LogLimits { ($0.maxBacklog, $0.maxBacklogLines) = (4096, 1000) })
        {
            Array("dropped \($0)\n".utf8)
        }
        queue.append([UInt8](repeating: UInt8(ascii: "y"), count: 5000) + [10])
        for _ in 0..<10 { queue.append([UInt8](repeating: UInt8(ascii: "z"), count: 999) + [10]) }
        #expect(queue.droppedLines == 1 + 6)
        let lines = pipe.lines(through: "dropped 6")
        #expect(lines.first == "dropped 1")
        #expect(lines.filter { $0.hasPrefix("zzz") }.count == 4)
    }

    @Test("a slow reader gets lines in order; every line is there or counted")
    func slowReaderGetsLinesInOrder() throws {
        let pipe = try LogPipe()
        let queue = LogQueue(
            pipe.writingEnd, limits: LogLimits { ($0.maxBacklog, $0.maxBacklogLines) = (16 << 10, 100_000) }
        ) {
            Array("dropped \($0)\n".utf8)
        }
        for round in 0..<10 {
            for number in 0..<3000 { queue.append(Self.line(round * 3000 + number)) }
            while pipe.fill(waiting: 10) {}
            queue.flush(within: .seconds(30))
        }
        queue.append(Array("end\n".utf8))
        let lines = pipe.lines(through: "end").dropLast()
        var next = 0
        for line in lines {
            if line.hasPrefix("dropped ") {
                next += Int(line.dropFirst(8)) ?? 0
            } else {
                #expect(line == "line \(next)")
                next += 1
            }
        }
        #expect(next == 30_000)
    }

    @Test(
        "a descriptor that cannot be written loses only its lines", arguments: ["closed pipe", "closed", "full disk"])
    func unusableDescriptorCostsItsLines(kind: String) throws {
        signal(SIGPIPE, SIG_IGN)
        let pipe = try LogPipe()
        var descriptor = pipe.writingEnd
        switch kind {
        case "closed pipe": pipe.closeReadingEnd()
        case "closed": descriptor = 1_000_000
        default:
            descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
            try #require(descriptor >= 0)
        }
        defer { if kind == "full disk" { close(descriptor) } }
        let queue = LogQueue(descriptor)
        for number in 0..<10 { queue.append(Self.line(number)) }
        queue.flush(within: .seconds(30))
        #expect(queue.droppedLines == 10)
    }

    @Test("a non-blocking descriptor loses nothing")
    func nonBlockingDescriptorLosesNothing() throws {
        let pipe = try LogPipe(isFull: true)
        _ = fcntl(pipe.writingEnd, F_SETFL, fcntl(pipe.writingEnd, F_GETFL) | O_NONBLOCK)
        let queue = LogQueue(pipe.writingEnd)
        for number in 0..<5000 { queue.append(Self.line(number)) }
        #expect(pipe.lines(through: "line 4999") == (0..<5000).map { "line \($0)" })
        #expect(queue.droppedLines == 0)
    }

    @Test("a stopped terminal loses nothing after it continues, and blocks nothing meanwhile")
    func stoppedTerminalLosesNothing() throws {
        var (controller, terminal): (Int32, Int32) = (-1, -1)
        try #require(openpty(&controller, &terminal, nil, nil, nil) == 0)
        defer {
            close(controller)
            close(terminal)
        }
        tcflow(terminal, TCOOFF)
        let queue = LogQueue(terminal)
        queue.append(Array("first\n".utf8))
        queue.append(Array("second\n".utf8))
        queue.flush(within: .milliseconds(50))
        var ready = pollfd(fd: controller, events: Int16(POLLIN), revents: 0)
        #expect(poll(&ready, 1, 0) == 0)
        tcflow(terminal, TCOON)
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !text.hasSuffix("second\r\n"), poll(&ready, 1, 30_000) == 1 {
            let count = read(controller, &buffer, buffer.count)
            guard count > 0 else { break }
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
        #expect(text == "first\r\nsecond\r\n")
    }

    @Test("dropped lines are reported as a log line, in its encoding", arguments: LogEncoding.allCases)
    func droppedLinesAreToldInTheEncoding(encoding: LogEncoding) throws {
        let notice = StandardErrorLog.notice(ofDropped: 12, as: encoding) {
            LogTime(seconds: 1_795_264_496, milliseconds: 7)
        }
        let text = String(decoding: notice, as: UTF8.self)
        switch encoding {
        case .console:
            #expect(
                text == "2026-11-21T12:34:56.007Z warn log lines dropped: standard error was not read fast enough "
                    + "count=12\n")
        case .json:
            let fields = try JSONSerialization.jsonObject(with: Data(notice)) as? [String: String]
            #expect(fields?["count"] == "12")
            #expect(fields?["level"] == "warn")
        }
    }
}
