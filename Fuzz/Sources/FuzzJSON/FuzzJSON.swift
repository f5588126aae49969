import Exposition
import OTLP
import Series
import Settings

/// A value of the wrong type loses a part, never the export. The first byte chooses the signal, the rest is text.
///
/// No input may trap or hang; readers of the same text must agree whether it is an export; losses must have a position
/// within the text; and the conversion to protobuf must be a valid export.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    let text = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
    // Null is an export for forwarding, but not for counting.
    guard text.first == UInt8(ascii: "{") else { return 0 }
    let signal = Signal.allCases[Int(start[0]) % Signal.allCases.count]
    let turned = result { () throws(DecodingFailure) in
        try ExportTranscoding.protobuf(ofJSON: text, signal: signal, limits: DecodingLimits())
    }
    let counted = result { () throws(DecodingFailure) in try RecordCount(text, of: signal, as: .json) }
    if case .success(let protobuf) = turned {
        // With any content of the envelope it is one.
        guard case .success(let count) = counted else { preconditionFailure("passed on, but not counted") }
        check(protobuf.losses, in: text)
        let isWhole = protobuf.losses.isEmpty && signal != .metrics
        protobuf.body.withUnsafeBytes { bytes in readProtobuf(bytes, signal, expecting: isWhole ? count : nil) }
    }
    switch signal {
    case .metrics: readMetrics(text, isExport: isExport(turned))
    case .logs: readLogs(text, isExport: isExport(turned))
    case .traces: break
    }
    return 0
}

private func result<Value>(
    _ body: () throws(DecodingFailure) -> Value
) -> Result<Value, DecodingFailure> {
    do throws(DecodingFailure) { return .success(try body()) } catch { return .failure(error) }
}

/// nil: too large to say.
private func isExport<Value>(_ result: Result<Value, DecodingFailure>) -> Bool? {
    switch result {
    case .success: true
    case .failure(.malformed): false
    case .failure(.tooLarge): nil
    }
}

private func check(_ losses: DecodingLosses, in text: UnsafeRawBufferPointer) {
    guard !losses.isEmpty else { return precondition(losses.reason.isEmpty) }
    let prefix = "JSON, byte "
    precondition(losses.reason.hasPrefix(prefix))
    let place = Int(losses.reason.dropFirst(prefix.count).prefix { $0.isNumber })
    precondition(place.map { $0 < text.count } ?? false)
}

private func readMetrics(_ text: UnsafeRawBufferPointer, isExport: Bool?) {
    var generator = SystemRandomNumberGenerator()
    var store = SeriesStore(settings: SeriesSettings(), translation: PrometheusTranslation(), using: &generator)
    var batch = MetricsBatch()
    do throws(DecodingFailure) {
        try batch.decode(text, as: .json)
        precondition(isExport != false)
        check(batch.losses, in: text)
        let outcome = try store.ingest(batch, receivedAt: 1_700_000_000_000_000_000)
        precondition(outcome.acceptedPoints + outcome.rejectedPoints == batch.pointCount + batch.losses[.point])
        check(outcome.losses, in: text)
    } catch {
        // If no metric can be decoded, the export is malformed.
        if case .malformed(let reason) = error, isExport == true { precondition(reason.contains("expected")) }
    }
}

private func readLogs(_ text: UnsafeRawBufferPointer, isExport: Bool?) {
    var batch = LogsBatch()
    do throws(DecodingFailure) {
        try batch.decode(text, as: .json)
        precondition(isExport != false)
        check(batch.losses, in: text)
        for record in batch.records {
            var losses = DecodingLosses()
            try batch.forEachAttribute(of: record, losses: &losses) { _ in }
            check(losses, in: text)
        }
    } catch {
        if case .malformed = error { precondition(isExport != true) }
    }
}

/// Checks that converted JSON can be decoded, and its attributes changed.
/// - Parameter expected: what it holds; nil: nobody says, since the points of metrics are counted wherever some may be.
private func readProtobuf(_ bytes: UnsafeRawBufferPointer, _ signal: Signal, expecting expected: RecordCount?) {
    var rewriting = AttributeRewriting(
        signal: signal, limits: DecodingLimits(), resource: { _ in }, record: { $0.removeLast($0.isEmpty ? 0 : 1) },
        changesRecords: true)
    let rewritten = result { () throws(DecodingFailure) in try rewriting.rewritten(bytes, as: .protobuf) }
    guard case .success(let rest) = rewritten else { preconditionFailure("cannot be rewritten") }
    precondition(rest.losses.isEmpty)
    let counted = result { () throws(DecodingFailure) in try RecordCount(bytes, of: signal, as: .protobuf) }
    guard case .success(let count) = counted else { preconditionFailure("no export") }
    if let expected { precondition(count == expected, "miscounted") }
}
