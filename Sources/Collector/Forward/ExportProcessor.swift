internal import ConfigFile
internal import Exposition
internal import Forward
internal import NIOCore
internal import OTLP
internal import Settings

/// A `resource` or `attributes` processor before an exporter that forwards.
struct ExportProcessor: Sendable {
    private let processor: AttributeProcessor

    init(_ config: AttributeProcessorConfig) { processor = AttributeProcessor(config) }

    /// The export with its attributes changed, always as protobuf; the same export if nothing is to be changed.
    /// - Parameter losses: takes what was left out because it cannot be decoded.
    static func process(
        _ export: ForwardedExport, with processors: [ExportProcessor], limits: DecodingLimits,
        losses: inout DecodingLosses
    ) throws(DecodingFailure) -> ForwardedExport {
        guard !processors.isEmpty else { return export }
        var rewriting = AttributeRewriting(
            signal: export.signal, limits: limits,
            resource: { attributes in
                for each in processors where each.processor.target == .resource {
                    each.processor.apply(to: &attributes)
                }
            },
            record: { attributes in
                for each in processors where each.processor.target == .dataPoints {
                    each.processor.apply(to: &attributes)
                }
            },
            changesRecords: processors.contains { $0.processor.target == .dataPoints })
        let result = export.body.withUnsafeReadableBytes { bytes in
            Result { () throws(DecodingFailure) in try rewriting.rewritten(bytes, as: export.encoding) }
        }
        let rewritten = try result.get()
        losses.add(rewritten.losses)
        var changed = export
        changed.body = ByteBuffer(bytes: rewritten.body)
        changed.encoding = .protobuf
        return changed
    }
}
