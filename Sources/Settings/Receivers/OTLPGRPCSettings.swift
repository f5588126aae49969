/// `protocols.grpc` of an OTLP receiver: what it serves.
package struct OTLPGRPCSettings: SettingGroup {
    /// `max_recv_msg_size_mib`: bytes of a message, both as sent and decompressed; beyond it RESOURCE_EXHAUSTED
    /// (R-GRPC-04). 0 is the default.
    package var maxRecvMsgSize = 4 << 20
    /// Calls at once on one connection; further ones wait at the client. 0 is the default, more than
    /// 10,000 are 10,000.
    package var maxConcurrentStreams = 256

    package init() {}

    /// Assigned to OTLP/gRPC.
    package static let defaultPort = 4317

    package static let keys: [Key<OTLPGRPCSettings>] = [
        .value("max_recv_msg_size_mib", \.maxRecvMsgSize) { source, key in
            source.integer(key, in: 0...1024).flatMap { $0 > 0 ? $0 << 20 : nil }
        },
        .value("max_concurrent_streams", \.maxConcurrentStreams) { source, key in
            source.integer(key, in: 0...Int(UInt32.max)).flatMap { $0 > 0 ? min($0, 10_000) : nil }
        },
    ]
}
