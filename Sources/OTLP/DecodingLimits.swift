/// What the decoders may spend on one export.
package struct DecodingLimits: Sendable, Equatable {
    /// Bytes of working memory for one export. Default 64 MiB; a body may need up to about three times its size.
    package var memory: Int
    /// Levels of arrays and maps in an attribute or a log's body, and of groups in what is not known. Default 64.
    package var depth: Int

    package init(memory: Int = 64 << 20, depth: Int = 64) {
        self.memory = memory
        self.depth = depth
    }
}
