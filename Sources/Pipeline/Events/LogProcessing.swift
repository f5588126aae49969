internal import Exposition
internal import NIOCore
package import OTLP
package import Settings

/// Applies the processors of the logs pipelines to a receiver's records before their events are counted.
///
/// With several pipelines the most private outcome is used: an attribute that one of them removes is removed, and a
/// value that one of them changes is not used unchanged.
package struct LogProcessing: Sendable {
    private let pipelines: [[AttributeProcessor]]
    private let limits: DecodingLimits

    /// Nil if nothing is changed.
    /// - Parameter pipelines: the processors of each logs pipeline of a receiver.
    package init?(_ pipelines: [[AttributeProcessor]]?, limits: DecodingLimits) {
        guard let pipelines else { return nil }
        self.pipelines = pipelines
        self.limits = limits
    }

    /// The records of an export before and after, both as protobuf and in the same order, and what could not be
    /// decoded.
    func process(
        _ body: ByteBuffer, as encoding: WireEncoding
    ) throws(DecodingFailure) -> (received: ByteBuffer, left: ByteBuffer, losses: DecodingLosses) {
        let received: ByteBuffer
        var losses = DecodingLosses()
        switch encoding {
        case .protobuf: received = body
        case .json:
            let transcoded = body.withUnsafeReadableBytes { bytes in
                Result { () throws(DecodingFailure) in
                    try ExportTranscoding.protobuf(ofJSON: bytes, signal: .logs, limits: limits)
                }
            }
            let protobuf = try transcoded.get()
            received = ByteBuffer(bytes: protobuf.body)
            losses = protobuf.losses
        }
        var rewriting = AttributeRewriting(
            signal: .logs, limits: limits, resource: { process(&$0, .resource) }, record: { process(&$0, .dataPoints) },
            changesRecords: true)
        let left = received.withUnsafeReadableBytes { bytes in
            Result { () throws(DecodingFailure) in try rewriting.rewritten(bytes, as: .protobuf) }
        }
        let rewritten = try left.get()
        losses.add(rewritten.losses)
        return (received, ByteBuffer(bytes: rewritten.body), losses)
    }

    /// The remaining attributes of a record, with marks at hashed ones.
    package func left(of attributes: [Attribute]) -> [Attribute] {
        var left = attributes
        process(&left, .dataPoints)
        return left
    }

    private func process(_ attributes: inout [Attribute], _ target: AttributeProcessor.Target) {
        // Marks are set here only; those of clients are removed.
        _ = HashMarks.take(from: &attributes)
        let received = attributes
        let outcomes = pipelines.map { processors in
            var outcome = Outcome(attributes: received)
            for processor in processors where processor.target == target {
                processor.apply(to: &outcome.attributes, noting: &outcome.marks)
            }
            return outcome
        }
        guard let first = outcomes.first else { return }
        let left = outcomes.dropFirst().reduce(first) { Self.joined($0, $1, received: received) }
        attributes = left.attributes + left.marks.attributes
    }

    /// The outcome of a pipeline.
    private struct Outcome {
        var attributes: [Attribute]
        var marks = HashMarks()
    }

    /// The combined outcome of two pipelines.
    private static func joined(_ left: Outcome, _ right: Outcome, received: [Attribute]) -> Outcome {
        var joined = Outcome(attributes: [])
        for attribute in left.attributes {
            let key = attribute.key
            guard let other = right.attributes.last(where: { $0.key == key })?.value else { continue }
            let value = received.last { $0.key == key }?.value
            if attribute.value == other {
                joined.attributes.append(attribute)
                joined.marks[key] = min(left.marks[key], right.marks[key])
            } else if attribute.value == value {
                joined.attributes.append(Attribute(key: key, value: other))
                joined.marks[key] = right.marks[key]
            } else if other == value {
                joined.attributes.append(attribute)
                joined.marks[key] = left.marks[key]
            }
            // Otherwise both have a different value: neither is what the other requires.
        }
        return joined
    }
}
