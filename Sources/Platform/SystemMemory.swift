/// The memory that this process may use.
package enum SystemMemory {
    /// The lower of the machine's memory and the container's limit, bytes.
    package static var totalBytes: Int {
        let machine = max(0, Int(sysconf(Int32(_SC_PHYS_PAGES)))) * max(1, Int(sysconf(Int32(_SC_PAGESIZE))))
        // Control groups version 2 and version 1. Without a limit the former says `max`, the latter a huge number.
        let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"].compactMap(number)
        return limits.reduce(machine) { $1 > 0 ? min($0, $1) : $0 }
    }

    private static func number(inFile path: String) -> Int? {
        guard let text = WholeFile.start(of: path, count: 32) else { return nil }
        return Int(String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
