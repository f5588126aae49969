internal import Exposition
internal import Forward
internal import NIOCore
internal import OTLP
internal import Settings

extension ForwardedExport {
    /// The export with its attributes changed by `resource` and `attributes` processors, as protobuf whatever it came as; the same export where nothing is to be
    /// changed.
    /// - Parameter losses: takes what was left out because it cannot be read.
    func processed(
        by processors: [AttributeProcessor], limits: DecodingLimits, losses: inout DecodingLosses
    ) throws(DecodingFailure) -> ForwardedExport {
        guard !processors.isEmpty else { return self }
        var rewriting = AttributeRewriting(
            signal: signal, limits: limits,
            resource: { attributes in
                for each in processors where each.target == .resource {
                    each.apply(to: &attributes)
                }
            },
            record: { attributes in
                for each in processors where each.target == .dataPoints {
                    each.apply(to: &attributes)
                }
            },
            changesRecords: processors.contains { $0.target == .dataPoints })
        let result = body.withUnsafeReadableBytes { bytes in
            Result { () throws(DecodingFailure) in try rewriting.rewritten(bytes, as: encoding) }
        }
        let rewritten = try result.get()
        losses.add(rewritten.losses)
        var changed = self
        changed.body = ByteBuffer(bytes: rewritten.body)
        changed.encoding = .protobuf
        return changed
    }
}
