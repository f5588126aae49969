#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// Standard error, where everything goes that is not the answer to a command.
enum StandardError {
    /// How long the end of the program waits for the reader of what is still to be written. 1 s.
    private static let flushTime = Duration.seconds(1)

    /// Writes a line behind what the log has written so far. Never waits for the reader.
    static func write(line: String) {
        LogQueue.standardError.append(Array(line.utf8) + [UInt8(ascii: "\n")])
    }

    /// To be called at the end: lets the reader have the last lines, if there is one.
    static func flush() { LogQueue.standardError.flush(within: flushTime) }

    /// Opens what the program was started without, on nothing: else the next file it opens would be standard error, and
    /// hold the log. To be called before anything else is opened.
    static func ensureStandardDescriptors() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            // The lowest number that is free is this one.
            _ = open("/dev/null", O_RDWR)
        }
    }
}
