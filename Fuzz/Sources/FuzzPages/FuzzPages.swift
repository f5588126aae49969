import Exposition

/// Pages of random exports: the fuzzer chooses exports, naming, and by its last byte the escaping. Every text and
/// OpenMetrics page must pass a strict parser, and both must show the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPages(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 0 else { return 0 }
    let input = UnsafeBufferPointer(start: start, count: count)
    var pages = RandomPages(random: Choices(Array(input)))
    let escapings: [NameEscaping] = pages.keepsUTF8 ? [.allowUTF8, .underscores, .dots, .values] : [.underscores]
    let escaping = escapings[Int(input[count - 1]) % escapings.count]
    for _ in 0..<2 {
        pages.ingest()
        do {
            try pages.check(escaping)
        } catch {
            // A trap reports a finding to the fuzzer.
            fatalError("\(escaping): \(error)")
        }
    }
    return 0
}

/// A choice for each byte of the input, and generated ones after its end.
private struct Choices: RandomNumberGenerator {
    private var rest: ArraySlice<UInt8>
    private var state: UInt64

    init(_ input: [UInt8]) {
        rest = input[...]
        state = input.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    }

    mutating func next() -> UInt64 {
        if let byte = rest.popFirst() { return UInt64(byte) }
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
