#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The memory that this process may use.
enum SystemMemory {
    /// The lower of the machine's memory and the container's limit, bytes.
    static var totalBytes: Int {
        let machine = max(0, Int(sysconf(Int32(_SC_PHYS_PAGES)))) * max(1, Int(sysconf(Int32(_SC_PAGESIZE))))
        // Control groups version 2 and version 1. Without a limit the former says `max`, the latter a huge number.
        let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"].compactMap(number)
        return limits.reduce(machine) { $1 > 0 ? min($0, $1) : $0 }
    }

    private static func number(inFile path: String) -> Int? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 32)
        let length = read(file, &text, text.count)
        guard length > 0 else { return nil }
        return Int(String(decoding: text[..<length].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
