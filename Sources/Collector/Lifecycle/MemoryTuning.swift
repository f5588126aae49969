internal import CMemory

/// How the C library keeps memory that was given back.
enum MemoryTuning {
    /// Blocks beyond this many bytes go back to the system when they are freed: the snapshot of a large scrape, a table
    /// that has grown. Left to itself glibc raises its limit to 32 MiB and keeps what it once had. 4 MiB.
    private static let mappedBytes: Int32 = 4 << 20
    /// Free memory kept at the end of the heap, so that steady traffic asks the system for nothing. 8 MiB.
    private static let keptBytes: Int32 = 8 << 20

    /// Gives back what lies free between the series; about once a minute is enough.
    static func trim() { trim_memory() }

    /// Gives back what only the start needed of the program: half of all that an idle collector would hold.
    static func startIsOver() { release_program_pages() }

    /// To be called before other threads start.
    /// - Returns: whether the C library takes such wishes.
    @discardableResult
    static func apply() -> Bool { return_freed_memory(mappedBytes, keptBytes) != 0 }
}
