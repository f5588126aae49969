/// Resource usage of this process, from the operating system.
package enum ProcessUsage {
    /// CPU used, user and system, seconds.
    package static var cpuSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Resident memory in bytes; nil if the system does not have it in /proc.
    package static var residentBytes: Int? {
        guard let text = WholeFile.start(of: "/proc/self/statm", count: 128) else { return nil }
        let fields = text.split(separator: UInt8(ascii: " "))
        guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self)) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
