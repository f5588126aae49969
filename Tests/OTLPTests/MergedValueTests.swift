import OTLP
import Settings
import Testing

@Suite struct MergedValueTests {
    private func delimited(_ field: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length = content.count
        var result = [field << 3 | 2]
        while length >= 0x80 {
            result.append(UInt8(length & 0x7f) | 0x80)
            length >>= 7
        }
        return result + [UInt8(length)] + content
    }

    /// A run of one attribute with this `AnyValue`.
    private func run(_ value: [UInt8]) -> [UInt8] {
        delimited(7, delimited(1, [0x6B]) + delimited(2, value))
    }

    /// A value of `parts` array or map members of one element each.
    private func value(member: UInt8, parts: Int) -> [UInt8] {
        Array(repeatElement(delimited(member, delimited(1, [])), count: parts).joined())
    }

    @Test("a few bytes that need much memory are refused at the limit")
    func memoryOfValuesIsBounded() throws {
        let reader = AttributeReader(encoding: .protobuf, limits: DecodingLimits { $0.maxDecodingMemory = 1 << 20 })
        let text = delimited(1, delimited(1, [0x61]))
        let fitting = run(delimited(5, Array(repeatElement(text, count: 1000).joined())))
        #expect(throws: Never.self) { try fitting.withUnsafeBytes { _ = try reader.attributes($0) } }
        let large = run(delimited(5, Array(repeatElement(text, count: 100_000).joined())))
        #expect(large.count < 1 << 20)
        #expect(throws: DecodingFailure.tooLarge("decoding this export needs more memory than the limit allows")) {
            try large.withUnsafeBytes { _ = try reader.attributes($0) }
        }
    }

    @Test(
        "R-PB-03 a value sent in very many parts is merged in linear time", arguments: [5, 6] as [UInt8])
    func manyPartsAreMerged(member: UInt8) throws {
        let reader = AttributeReader(encoding: .protobuf)
        let parts = 100_000
        let bytes = run(value(member: member, parts: parts))
        let start = ContinuousClock.now
        let attributes = try bytes.withUnsafeBytes { try reader.attributes($0) }
        let duration = ContinuousClock.now - start
        switch attributes.first?.value {
        case .array(let elements): #expect(elements.count == parts)
        case .keyValues(let entries): #expect(entries.count == parts)
        default: Issue.record("neither an array nor a map")
        }
        // A quarter of a second without optimization; minutes when every part copied those before it.
        #expect(duration < .seconds(20))
    }
}
