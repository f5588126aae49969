internal import CProcess
internal import Platform

/// The arguments of the program, without its name.
///
/// Not `CommandLine.arguments`: that is empty once a library has changed the environment before the program began, and a
/// collector without arguments listens on every address.
enum ProgramArguments {
    static let all: [String] = {
        let started = (0..<started_argument_count()).compactMap { number in
            started_argument(number).map { String(cString: $0) }
        }
        let sources = [started, ofProcess(), CommandLine.arguments]
        // Uses the first source that has arguments.
        return Array((sources.first { $0.count > 1 } ?? []).dropFirst())
    }()

    /// As the system stores them; empty if it does not.
    private static func ofProcess() -> [String] {
        #if os(Linux)
        let file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        // The system's maximum.
        while bytes.count < 8 << 20 {
            let count = piece.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        guard bytes.last == 0 else { return [] }
        return bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        #else
        return []
        #endif
    }
}
