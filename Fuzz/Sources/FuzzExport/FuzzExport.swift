import Exposition
import OTLP
import Series

/// Everything between the bytes of a socket and the text of a page, with any input: the whole, its first half and the
/// whole again. No input may trap or hang, every point must be accounted for, and the invariants of the store must
/// hold.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzExport(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    let input = UnsafeRawBufferPointer(start: start, count: count)
    let encoding: WireEncoding = input[0] == UInt8(ascii: "{") ? .json : .protobuf
    var generator = SystemRandomNumberGenerator()
    var store = SeriesStore(settings: SeriesSettings(), translation: PrometheusTranslation(), using: &generator)
    var batch = MetricsBatch()
    var now: UnixNanoseconds = 1_700_000_000_000_000_000
    for body in [input, UnsafeRawBufferPointer(rebasing: input[..<(count / 2)]), input] {
        do {
            try batch.decode(body, as: encoding)
            let outcome = try store.ingest(batch, receivedAt: now)
            precondition(outcome.acceptedPoints + outcome.rejectedPoints == batch.pointCount + batch.losses[.point])
        } catch is DecodingFailure {
            // Most inputs are refused, which is correct.
        } catch {
            preconditionFailure("only decoding may fail: \(error)")
        }
        precondition(store.checkInvariants().isEmpty)
        now += 1_000_000_000
        render(store.snapshot(at: now))
    }
    return 0
}

private func render(_ snapshot: SeriesSnapshot) {
    var exposition = TextExposition(snapshot)
    var piece = [UInt8](repeating: 0, count: 4096)
    while piece.withUnsafeMutableBytes({ exposition.write(into: $0) }) > 0 {}
}
