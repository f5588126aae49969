internal import Platform

/// Standard error, for all output that is not the result of a command.
enum StandardError {
    /// How long the end of the program waits for the reader of pending lines. 1 s.
    private static let flushTime = Duration.seconds(1)

    /// Writes a line after the log lines so far. Never waits for the reader.
    static func write(line: String) {
        LogQueue.standardError.append(Array(line.utf8) + [UInt8(ascii: "\n")])
    }

    /// To be called at the end: writes pending lines, if there is a reader.
    static func flush() { LogQueue.standardError.flush(within: flushTime) }

    /// Opens missing standard descriptors on /dev/null: otherwise the next file opened would become standard error and
    /// receive the log. To be called before anything else is opened.
    static func ensureStandardDescriptors() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            // The lowest free number is this one.
            _ = open("/dev/null", O_RDWR)
        }
    }
}
