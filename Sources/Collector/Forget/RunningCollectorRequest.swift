#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// The command's side of `odometer forget` beside a collector that runs.
struct RunningCollectorRequest {
    /// How long a collector may take that has much to write.
    private static let patience: Duration = .seconds(120)

    let request: ForgetRequest
    /// The collector's; nil where it is not known.
    let process: Int32?
    /// Its state directory.
    let directory: String

    /// Hands the request over and waits for what becomes of it.
    /// - Returns: the lines of its report.
    func outcome() throws(ForgetFailure) -> [String] {
        let outcomePath = ForgetRequest.outcomePath(in: directory)
        let requestPath = ForgetRequest.requestPath(in: directory)
        guard access(requestPath, F_OK) != 0 else {
            throw ForgetFailure("another request waits for the collector: \(requestPath)")
        }
        unlink(outcomePath)
        guard ExchangedFile.write(request.bytes, to: requestPath) else {
            throw ForgetFailure("\(requestPath) cannot be written: \(String(cString: strerror(errno)))")
        }
        // Where it cannot be told, as from another container, it looks by itself before long.
        if let process, Self.isThisProgram(process) { _ = kill(process, ForgetRequest.signal) }
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            if let bytes = ExchangedFile.take(outcomePath) {
                let lines = String(decoding: bytes, as: UTF8.self).split(
                    separator: "\n", omittingEmptySubsequences: false
                ).map(String.init)
                guard lines.first == "ok" else {
                    throw ForgetFailure(lines.dropFirst().joined(separator: "\n"))
                }
                return Array(lines.dropFirst())
            }
            usleep(20_000)
        }
        unlink(requestPath)
        let holder = process.map { "process \($0)" } ?? "the process"
        throw ForgetFailure("\(holder) that holds \(directory) did not answer; nothing is known to be removed")
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
