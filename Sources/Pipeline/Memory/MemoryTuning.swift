internal import CMemory

/// Sets how the C library keeps freed memory.
package enum MemoryTuning {
    /// Larger blocks are returned to the system when they are freed: the snapshot of a large scrape, a table that has
    /// grown. By default glibc raises this limit to 32 MiB and keeps the memory. 4 MiB.
    private static let mappedBytes: Int32 = 4 << 20
    /// Free memory kept at the end of the heap, so that steady traffic needs none from the system. 8 MiB.
    private static let keptBytes: Int32 = 8 << 20

    /// Returns free memory between the series; about once a minute is enough.
    package static func trim() { trim_memory() }

    /// Releases pages of the program that only the start needed: half the memory of an idle collector.
    package static func startIsOver() { release_program_pages() }

    /// To be called before other threads start.
    /// - Returns: whether the C library supports it.
    @discardableResult
    package static func apply() -> Bool { return_freed_memory(mappedBytes, keptBytes) != 0 }
}
