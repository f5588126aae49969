#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// Standard error, where everything goes that is not the answer to a command.
enum StandardError {
    /// Writes a line with one system call, so that lines of several threads do not mix.
    static func write(line: String) {
        write(Array(line.utf8) + [UInt8(ascii: "\n")], to: STDERR_FILENO)
    }

    /// Writes all of the bytes if the descriptor takes them. What it does not take is lost: a program must not stop
    /// because nobody reads its logs.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty, let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress {
                #if canImport(Darwin)
                let count = Darwin.write(descriptor, start, rest.count)
                #else
                let count = Glibc.write(descriptor, start, rest.count)
                #endif
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if count == 0 || errno != EINTR {
                    return
                }
            }
        }
    }
}
