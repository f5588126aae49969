internal import Platform
internal import Storage

/// `odometer forget` beside a running collector.
struct RunningAppRequest {
    /// Between two checks whether the collector still runs.
    private static let lookInterval: Duration = .milliseconds(100)
    /// Between two checks for the result, microseconds.
    private static let pollInterval: UInt32 = 20_000
    /// How long the command waits before it says so.
    private static let silence: Duration = .seconds(3)

    let isConfirmed: Bool
    let subject: ForgetRequest.Subject
    /// The collector's process id; nil if unknown.
    let process: Int32?
    /// Its state directory.
    let directory: String

    /// Hands the request over and waits for its result.
    /// - Returns: the lines of its report; nil if the collector has ended and has not seen the request.
    func outcome() throws(ForgetFailure) -> [String]? {
        let requestPath = ForgetRequest.requestPath(in: directory)
        let request = ForgetRequest(
            id: "\(UInt64.random(in: .min ... .max))",
            expiry: wallTime() / 1_000_000_000 + ForgetRequest.patience,
            isConfirmed: isConfirmed, subject: subject)
        let deadline = ContinuousClock.now + .seconds(ForgetRequest.patience)
        guard let waiting = try handOver(request, to: requestPath, until: deadline) else { return nil }
        return try withExtendedLifetime(waiting) { () throws(ForgetFailure) in
            // If it is unknown, as from another container, the collector finds the request at its next checkpoint.
            if let process, Self.isThisProgram(process) { _ = kill(process, ForgetRequest.signal) }
            return try answer(to: request, requestPath, until: deadline)
        }
    }

    /// Writes the request as soon as there is no other one.
    /// - Returns: nil if the collector has ended meanwhile.
    private func handOver(
        _ request: ForgetRequest, to path: String, until deadline: ContinuousClock.Instant
    ) throws(ForgetFailure) -> ExchangedFile? {
        while true {
            if let waiting = ExchangedFile.write(request.bytes, to: path) { return waiting }
            guard errno == EEXIST else {
                throw ForgetFailure("\(path) cannot be written: \(String(cString: strerror(errno)))")
            }
            // Left by a command that was interrupted.
            if let other = ExchangedFile.read(path), !other.isAwaited { unlink(path) }
            guard DirectoryLock.isHeld(directory: directory) else { return nil }
            guard ContinuousClock.now < deadline else {
                throw ForgetFailure("another request waits for the collector: \(path)")
            }
            usleep(Self.pollInterval)
        }
    }

    private func answer(
        to request: ForgetRequest, _ requestPath: String, until deadline: ContinuousClock.Instant
    ) throws(ForgetFailure) -> [String]? {
        let outcomePath = request.outcomePath(in: directory)
        var nextLook = ContinuousClock.now
        var sayingTime = ContinuousClock.now + Self.silence
        while ContinuousClock.now < deadline {
            if let lines = try report(in: outcomePath) { return lines }
            if ContinuousClock.now >= sayingTime {
                sayingTime = deadline
                StandardError.write(
                    line: "waiting up to \(ForgetRequest.patience) s for the collector with \(directory)")
            }
            if ContinuousClock.now >= nextLook {
                nextLook = ContinuousClock.now + Self.lookInterval
                if !DirectoryLock.isHeld(directory: directory) {
                    // Its last result was written before it released the directory.
                    if let lines = try report(in: outcomePath) { return lines }
                    if unlink(requestPath) == 0 { return nil }
                    throw ForgetFailure(
                        "the collector with \(directory) stopped without an answer; run this again to see what is left")
                }
            }
            usleep(Self.pollInterval)
        }
        unlink(requestPath)
        let holder = process.map { "process \($0)" } ?? "the process"
        throw ForgetFailure("\(holder) that uses \(directory) did not answer; run this again to see what is left")
    }

    private func report(in path: String) throws(ForgetFailure) -> [String]? {
        guard let file = ExchangedFile.take(path) else { return nil }
        let lines = String(decoding: file.bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
        switch lines.first {
        case "ok": return Array(lines.dropFirst())
        case "failed": throw ForgetFailure(lines.dropFirst().joined(separator: "\n"))
        default: throw ForgetFailure("the collector's answer in \(path) is invalid")
        }
    }

    /// Whether a process runs the same program as this one: a process id from another container means another process
    /// here.
    private static func isThisProgram(_ process: Int32) -> Bool {
        #if os(Linux)
        let own = program("self")
        return process != getpid() && !own.isEmpty && program("\(process)") == own
        #else
        return process != getpid()
        #endif
    }

    private static func program(_ process: String) -> [UInt8] {
        var path = [UInt8](repeating: 0, count: 4096)
        let count = path.withUnsafeMutableBytes { buffer in
            buffer.bindMemory(to: CChar.self).baseAddress.map { readlink("/proc/\(process)/exe", $0, buffer.count) }
                ?? 0
        }
        return Array(path.prefix(max(0, count)))
    }
}
