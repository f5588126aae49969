import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A program in its own process. Killed with the value if it still runs.
final class RunningProgram {
    enum Fault: Error, CustomStringConvertible {
        case cannotStart(String, errno: Int32)
        /// It ended, or a condition was not fulfilled in time.
        case notReady(String)

        var description: String {
            switch self {
            case .cannotStart(let path, let errno): "\(path) cannot be started: \(String(cString: strerror(errno)))"
            case .notReady(let text): text
            }
        }
    }

    /// How a process ended.
    enum Ending: Equatable {
        case exited(Int32)
        case signaled(Int32)
    }

    let processID: pid_t
    private let output: URL
    private let errors: URL
    private var ending: Ending?
    private let folder: TemporaryFolder

    /// - Parameters:
    ///   - executable: a path, or a name in PATH.
    ///   - environment: added to the environment of the tests.
    ///   - directory: where it runs; an empty folder of its own by default.
    ///   - errorDescriptor: its standard error, owned by the caller; -1: none; nil: `standardError` reads it.
    init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], directory: String? = nil,
        errorDescriptor: Int32? = nil
    ) throws {
        folder = try TemporaryFolder()
        output = folder.url.appending(path: "output")
        errors = folder.url.appending(path: "errors")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        switch errorDescriptor {
        case nil: posix_spawn_file_actions_addopen(&actions, 2, errors.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        case -1: posix_spawn_file_actions_addclose(&actions, 2)
        case let descriptor?: posix_spawn_file_actions_adddup2(&actions, descriptor, 2)
        }
        let work = folder.url.appending(path: "work")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        // Replaces itself by the program, which keeps the process id.
        let command = ["env", "-C", directory ?? work.path, executable] + arguments
        let variables = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + settings).forEach { free($0) } }
        // Signals blocked or ignored by the tests would be inherited by the program.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var identifier: pid_t = 0
        let result = posix_spawnp(&identifier, "env", &actions, &attributes, &words, &settings)
        if result != 0 { throw Fault.cannotStart(executable, errno: result) }
        processID = identifier
    }

    deinit {
        guard poll() == nil else { return }
        kill(processID, SIGKILL)
        var status: Int32 = 0
        waitpid(processID, &status, 0)
    }

    var standardOutput: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }
    var standardError: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

    /// How it ended; nil while it runs.
    func poll() -> Ending? {
        if let ending { return ending }
        var status: Int32 = 0
        guard waitpid(processID, &status, WNOHANG) == processID else { return nil }
        let signal = status & 0x7F
        ending = signal == 0 ? .exited((status >> 8) & 0xFF) : .signaled(signal)
        return ending
    }

    func send(signal: Int32) {
        if poll() == nil { kill(processID, signal) }
    }

    /// Waits until the program has ended; nil if it does not end in time.
    func waitForEnd(within limit: Duration = .seconds(30)) -> Ending? {
        _ = wait(within: limit) { poll() != nil }
        return poll()
    }

    /// Asks the program to end and waits for it.
    @discardableResult
    func stop() -> Ending? {
        send(signal: SIGTERM)
        return waitForEnd()
    }

    /// Waits until all ports accept connections.
    func waitForPorts(_ ports: [Int], within limit: Duration = .seconds(60)) throws {
        let isReady = wait(within: limit) { poll() != nil || ports.allSatisfy { (try? HTTPClient(port: $0)) != nil } }
        if let ending = poll() { throw Fault.notReady("ended (\(ending)): \(standardError)") }
        if !isReady { throw Fault.notReady("no port within \(limit): \(standardError)") }
    }

    /// Resident memory now, bytes; Linux only.
    var residentBytes: Int? { statusBytes("VmRSS:") }
    /// The highest resident memory so far, bytes; Linux only.
    var peakResidentBytes: Int? { statusBytes("VmHWM:") }

    private func statusBytes(_ key: String) -> Int? {
        let status = try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix(key) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }
}

/// Polls every few milliseconds until `condition` holds.
/// - Returns: whether it held within `limit`.
@discardableResult
func wait(within limit: Duration, until condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try condition() { return true }
        usleep(5_000)
    }
    return try condition()
}

/// Runs blocking work on its own thread, so that the threads of tasks stay free.
func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
    }
}

/// A free TCP port on 127.0.0.1, outside the range for client connections, one of which could use it meanwhile.
func freePort() throws -> Int {
    for _ in 0..<100 {
        let port = Int.random(in: 15_000..<32_000)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if isBound { return port }
    }
    throw HTTPClient.Fault.refused(errno: EADDRINUSE)
}
