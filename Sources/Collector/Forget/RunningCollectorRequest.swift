internal import Journal

#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// The command's side of `odometer forget` beside a collector that runs.
struct RunningCollectorRequest {
    /// How long a collector may take that has much to write.
    private static let patience: Duration = .seconds(120)

    /// Between two looks at whether the collector is still there.
    private static let lookInterval: Duration = .milliseconds(100)

    let isConfirmed: Bool
    let subject: ForgetRequest.Subject
    /// The collector's; nil where it is not known.
    let process: Int32?
    /// Its state directory.
    let directory: String

    /// Hands the request over and waits for what becomes of it.
    /// - Returns: the lines of its report; nil when the collector has ended and has not seen the request.
    func outcome() throws(ForgetFailure) -> [String]? {
        let outcomePath = ForgetRequest.outcomePath(in: directory)
        let requestPath = ForgetRequest.requestPath(in: directory)
        if let other = ExchangedFile.read(requestPath) {
            guard !other.isAwaited else {
                throw ForgetFailure("another request waits for the collector: \(requestPath)")
            }
            // Of a command that was interrupted.
            unlink(requestPath)
        }
        unlink(outcomePath)
        let request = ForgetRequest(
            id: "\(UInt64.random(in: .min ... .max))",
            expiry: SystemClock().now() / 1_000_000_000 + UInt64(Self.patience.components.seconds),
            isConfirmed: isConfirmed, subject: subject)
        guard let waiting = ExchangedFile.write(request.bytes, to: requestPath) else {
            throw ForgetFailure("\(requestPath) cannot be written: \(String(cString: strerror(errno)))")
        }
        return try withExtendedLifetime(waiting) { () throws(ForgetFailure) in
            // Where it cannot be told, as from another container, it looks by itself before long.
            if let process, Self.isThisProgram(process) { _ = kill(process, ForgetRequest.signal) }
            return try answer(to: request, requestPath, outcomePath)
        }
    }

    private func answer(
        to request: ForgetRequest, _ requestPath: String, _ outcomePath: String
    ) throws(ForgetFailure) -> [String]? {
        let deadline = ContinuousClock.now + Self.patience
        var nextLook = ContinuousClock.now
        while ContinuousClock.now < deadline {
            if let lines = try report(of: request, in: outcomePath) { return lines }
            if ContinuousClock.now >= nextLook {
                nextLook = ContinuousClock.now + Self.lookInterval
                if !DirectoryLock.isHeld(directory: directory) {
                    // What it did last came before it let the directory go.
                    if let lines = try report(of: request, in: outcomePath) { return lines }
                    if unlink(requestPath) == 0 { return nil }
                    throw ForgetFailure(
                        "the collector of \(directory) has ended without an answer; ask again to see what is left")
                }
            }
            usleep(20_000)
        }
        unlink(requestPath)
        let holder = process.map { "process \($0)" } ?? "the process"
        throw ForgetFailure("\(holder) that holds \(directory) did not answer; nothing is known to be removed")
    }

    private func report(of request: ForgetRequest, in path: String) throws(ForgetFailure) -> [String]? {
        guard let file = ExchangedFile.take(path) else { return nil }
        let lines = String(decoding: file.bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
        switch lines.first {
        case "ok \(request.id)": return Array(lines.dropFirst())
        case "failed \(request.id)": throw ForgetFailure(lines.dropFirst().joined(separator: "\n"))
        // Of somebody else's request.
        default: return nil
        }
    }

    /// Whether a process runs the program that this one runs: a number from another container means somebody else here.
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
