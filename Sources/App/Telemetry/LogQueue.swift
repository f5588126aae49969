internal import Platform
internal import Settings

/// Lines for a descriptor, which a separate thread writes in order: appending never waits for the reader. Lines without
/// room, and lines that the descriptor does not take, are dropped and counted; the next line reports how many.
/// Thread-safe.
final class LogQueue: Sendable {
    /// For all output that is not the result of a command.
    static let standardError = LogQueue(STDERR_FILENO)

    private let descriptor: Int32
    private let state: Monitor<State>

    /// The descriptor stays open and belongs to the caller.
    /// - Parameter notice: the line that reports how many lines were dropped before it.
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

    /// Sets the limits for lines from now on.
    func configure(_ limits: LogLimits, notice: @escaping @Sendable (UInt64) -> [UInt8]) {
        state.withLock { state in
            state.limits = limits
            state.notice = notice
        }
    }

    /// Appends a line, including its end, or drops it. Never waits.
    func append(_ line: [UInt8]) {
        let startsThread = state.withLock { state in
            state.take(line)
            defer { state.hasThread = true }
            return !state.hasThread
        }
        if startsThread { startThread() }
        state.signal()
    }

    /// Lines dropped since the start.
    var droppedLines: UInt64 { state.withLock { $0.droppedLines } }

    /// Waits until everything is written, or until the time is over: the end of a program must not depend on a reader.
    func flush(within time: Duration) {
        _ = state.wait(until: monotonicTime().later(by: time)) { $0.isWritten ? () : nil }
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
        /// No more lines follow: the thread ends.
        var isClosed = false
        private(set) var droppedLines: UInt64 = 0
        /// To be written, the oldest first.
        private var waiting: [[UInt8]] = []
        /// Including those that are being written.
        private var lines = 0
        private var bytes = 0
        /// There was no room: nothing is accepted until half of it is free again, so that a slow reader gets
        /// consecutive lines.
        private var isDropping = false
        /// Lines dropped after the last one that waits.
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
            reportDropped()
            add(line)
        }

        /// The next lines to write. Empty at the end; nil while there are none.
        mutating func nextLines() -> [[UInt8]]? {
            if isClosed { return [] }
            if waiting.isEmpty { reportDropped() }
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

        private mutating func reportDropped() {
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

/// Writes lines to a descriptor in any condition: a pipe without a reader, a full disk, a stopped terminal, a
/// non-blocking socket.
private struct LogWriter {
    let descriptor: Int32
    /// Lines lost since the last one that was written.
    private var lost: UInt64 = 0
    /// The last written bytes are not the end of a line.
    private var isWithinLine = false

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Writes a line with one system call if the descriptor takes it completely, so that lines of several processes do
    /// not mix; waits while there is no room.
    /// - Returns: whether the line is lost.
    mutating func write(_ line: [UInt8], notice: (UInt64) -> [UInt8]) -> Bool {
        if lost > 0, writeAll((isWithinLine ? [UInt8(ascii: "\n")] : []) + notice(lost)) { lost = 0 }
        // If the notice cannot be written, the line is not tried.
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
                let count = SystemCall.write(descriptor, UnsafeRawBufferPointer(rebasing: rest))
                if count > 0 {
                    rest = rest.dropFirst(count)
                    isWithinLine = !rest.isEmpty
                } else if count < 0, errno == EAGAIN || errno == EWOULDBLOCK {
                    // Another process that shares the descriptor has set it to non-blocking.
                    var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&wanted, 1, -1)
                } else if count == 0 || errno != EINTR {
                    return false
                }
            }
            return true
        }
    }
}
