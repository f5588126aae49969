private import COTLP

/// Bump-allocated working memory of one export, given back all at once.
///
/// Not thread-safe; owned by one `MetricsBatch`.
final class Arena {
    let handle: OpaquePointer

    init(limit: Int) {
        guard let handle = otlp_arena_create(limit) else { preconditionFailure("no memory for an empty arena") }
        self.handle = handle
    }

    deinit { otlp_arena_destroy(handle) }

    /// Forgets everything that was allocated; all pointers into the arena are invalid from here on. Keeps a first
    /// block of moderate size, returns the rest.
    func reset() { otlp_arena_reset(handle) }

    /// `count` bytes, 16-byte aligned, not initialized, valid until `reset`.
    /// - Throws: `tooLarge` when the arena's limit is reached.
    func allocate(_ count: Int) throws(DecodingFailure) -> UnsafeMutableRawBufferPointer {
        guard let start = otlp_arena_allocate(handle, count) else {
            throw .tooLarge("decoding this export needs more memory than the limit allows")
        }
        return UnsafeMutableRawBufferPointer(start: start, count: count)
    }
}
