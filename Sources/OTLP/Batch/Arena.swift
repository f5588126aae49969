private import CMemory

/// Bump-allocated working memory of one export, released all at once.
///
/// Not thread-safe; owned by one `MetricsBatch`.
final class Arena {
    let handle: OpaquePointer

    init(limit: Int) {
        guard let handle = memory_arena_create(limit) else { preconditionFailure("no memory for an empty arena") }
        self.handle = handle
    }

    deinit { memory_arena_destroy(handle) }

    /// Releases everything that was allocated; all pointers into the arena are invalid from now on. Keeps a first block
    /// of moderate size, returns the rest.
    func reset() { memory_arena_reset(handle) }

    /// `count` bytes, 16-byte aligned, not initialized, valid until `reset`.
    /// - Throws: `tooLarge` when the arena's limit is reached.
    func allocate(_ count: Int) throws(DecodingFailure) -> UnsafeMutableRawBufferPointer {
        guard let start = memory_arena_allocate(handle, count) else { throw exhausted }
        return UnsafeMutableRawBufferPointer(start: start, count: count)
    }

    /// The pieces one after the other, valid until `reset`.
    func concatenated(
        _ pieces: some Sequence<UnsafeRawBufferPointer>
    ) throws(DecodingFailure) -> UnsafeRawBufferPointer {
        let result = try allocate(pieces.reduce(0) { $0 + $1.count })
        var offset = 0
        for piece in pieces {
            UnsafeMutableRawBufferPointer(rebasing: result[offset...]).copyMemory(from: piece)
            offset += piece.count
        }
        return UnsafeRawBufferPointer(result)
    }

    /// The error of a decoder when an allocation was refused.
    var exhausted: DecodingFailure {
        .tooLarge("decoding this export needs more memory than the limit allows")
    }
}
