internal import Journal
internal import Settings

#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// Lines on their way to a descriptor, which a thread of its own writes in their order: whoever appends one never waits
/// for the reader. What there is no room for, and what the descriptor does not take, is dropped and counted; the next
/// line tells how much that was. Thread-safe.
final class LogQueue: Sendable {
    /// Everything that is no answer to a command goes here.
    static let standardError = LogQueue(STDERR_FILENO)

    private let descriptor: Int32
    private let state: Monitor<State>

    /// The descriptor stays open and the caller's.
    /// - Parameter notice: the line that tells how many lines were dropped before it.
    init(
        _ descriptor: Int32, limits: LogLimits = LogLimits(),
        notice: @escaping @Sendable (UInt64) -> [UInt8] = { Array("\($0) lines before this one were dropped\n".utf8) }
    ) {
        self.descriptor = descriptor
        state = Monitor(State(limits: limits, notice: notice))
    }

    deinit {
        state.withLock { $0.isClosed = true }
        state.signal()
    }

    /// What holds for lines from here on.
    func configure(_ limits: LogLimits, notice: @escaping @Sendable (UInt64) -> [UInt8]) {
        state.withLock { state in
            state.limits = limits
            state.notice = notice
        }
    }

    /// Takes a line, its end included, or drops it. Never waits.
    func append(_ line: [UInt8]) {
        let startsThread = state.withLock { state in
            state.take(line)
            defer { state.hasThread = true }
            return !state.hasThread
        }
        if startsThread { startThread() }
        state.signal()
    }

    /// Lines that were dropped since the start.
    var droppedLines: UInt64 { state.withLock { $0.droppedLines } }

    /// Waits until everything is written, or until the time is over: the end of a program does not hang on a reader.
    func flush(within time: Duration) {
        let nanoseconds = UInt64(max(0, time / .nanoseconds(1)))
        _ = state.wait(until: monotonicTime() &+ nanoseconds) { $0.isWritten ? () : nil }
    }

    private func startThread() {
        let thread = WorkerThread { [descriptor, state] in
            var writer = LogWriter(descriptor: descriptor)
            while let lines = state.wait({ $0.nextLines() }) {
                for line in lines where !state.withLock({ $0.isClosed }) {
                    let lost = writer.write(line, notice: state.withLock { $0.notice })
                    let isWritten = state.withLock { state in
                        state.leave(line, isLost: lost)
                        return state.isWritten
                    }
                    if isWritten { state.signal() }
                }
                if lines.isEmpty { return }
            }
        }
        // Without one the lines wait, and the next line tries again.
        if thread == nil { state.withLock { $0.hasThread = false } }
    }

    private struct State {
        var limits: LogLimits
        var notice: @Sendable (UInt64) -> [UInt8]
        var hasThread = false
        /// Nobody will append any more: the thread ends.
        var isClosed = false
        private(set) var droppedLines: UInt64 = 0
        /// To be written, the oldest first.
        private var waiting: [[UInt8]] = []
        /// With those that are being written.
        private var lines = 0
        private var bytes = 0
        /// There was no room: nothing is taken before half of it is free again, so that a slow reader gets lines in a row.
        private var isDropping = false
        /// Lines that were dropped behind the last one that waits.
        private var untold: UInt64 = 0

        init(limits: LogLimits, notice: @escaping @Sendable (UInt64) -> [UInt8]) {
            self.limits = limits
            self.notice = notice
        }

        var isWritten: Bool { lines == 0 && untold == 0 }

        mutating func take(_ line: [UInt8]) {
            if bytes <= limits.maxBacklog / 2, lines <= limits.maxBacklogLines / 2 { isDropping = false }
            guard !isDropping, lines < limits.maxBacklogLines, line.count <= limits.maxBacklog - bytes else {
                isDropping = true
                untold += 1
                droppedLines += 1
                return
            }
            tellDropped()
            add(line)
        }

        /// What is to be written next. Empty at the end; nil while there is nothing.
        mutating func nextLines() -> [[UInt8]]? {
            if isClosed { return [] }
            if waiting.isEmpty { tellDropped() }
            guard !waiting.isEmpty else { return nil }
            defer { waiting = [] }
            return waiting
        }

        /// A line is written, or the descriptor did not take it.
        mutating func leave(_ line: [UInt8], isLost: Bool) {
            lines -= 1
            bytes -= line.count
            if isLost { droppedLines += 1 }
        }

        private mutating func tellDropped() {
            guard untold > 0 else { return }
            add(notice(untold))
            untold = 0
        }

        private mutating func add(_ line: [UInt8]) {
            waiting.append(line)
            lines += 1
            bytes += line.count
        }
    }
}

/// Writes lines to a descriptor, whatever becomes of that: a pipe that nobody reads any more, a full disk, a terminal
/// that is stopped, a socket that does not block.
private struct LogWriter {
    let descriptor: Int32
    /// Lines that were lost since the last one that was written.
    private var lost: UInt64 = 0
    /// The last bytes that were written are no end of a line.
    private var isWithinLine = false

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Writes a line with one system call where the descriptor takes it whole, so that lines of several processes do not
    /// mix; waits where it has no room.
    /// - Returns: whether the line is lost.
    mutating func write(_ line: [UInt8], notice: (UInt64) -> [UInt8]) -> Bool {
        if lost > 0, writeAll((isWithinLine ? [UInt8(ascii: "\n")] : []) + notice(lost)) { lost = 0 }
        // Where the notice is not taken, the line is not tried.
        guard lost == 0, writeAll(line) else {
            lost += 1
            return true
        }
        return false
    }

    private mutating func writeAll(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = writeOnce(UnsafeRawBufferPointer(rebasing: rest))
                if count > 0 {
                    rest = rest.dropFirst(count)
                    isWithinLine = !rest.isEmpty
                } else if count < 0, errno == EAGAIN || errno == EWOULDBLOCK {
                    // Somebody who shares the descriptor has made it so.
                    var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&wanted, 1, -1)
                } else if count == 0 || errno != EINTR {
                    return false
                }
            }
            return true
        }
    }

    private func writeOnce(_ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Darwin)
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}
