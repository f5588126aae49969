/// What decoding one export may use.
package struct DecodingLimits: SettingGroup {
    /// Levels of arrays and maps in an attribute or a log's body, and of groups in unknown fields.
    package var maxAttributeDepth = 64
    /// Bytes of working memory for one export; beyond it 413. A body may need up to about three times its size.
    package var maxDecodingMemory = 64 << 20

    package init() {}

    package static let keys: [Key<DecodingLimits>] = [
        .count("max_attribute_depth", \.maxAttributeDepth, in: 1...256),
        .bytes("max_decoding_memory", \.maxDecodingMemory, in: Ranges.memory),
    ]
}
