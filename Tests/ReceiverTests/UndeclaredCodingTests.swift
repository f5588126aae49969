import NIOCore
import Testing

@testable import Receiver

/// Bodies that differ from their head.
@Suite struct UndeclaredCodingTests {
    @Test("a body that begins with a brace is JSON; an export in protobuf never does")
    func jsonBeginsWithABrace() {
        #expect(UndeclaredCoding.isJSON(ByteBuffer(string: #"{"resourceMetrics":[]}"#)))
        // Field 1 with 123 bytes: line feed and brace are its tag and its length, and the last byte is a brace, too.
        let export = [0x0A, UInt8(ascii: "{")] + [UInt8](repeating: UInt8(ascii: "}"), count: 123)
        #expect(!UndeclaredCoding.isJSON(ByteBuffer(bytes: export)))
        #expect(!UndeclaredCoding.isJSON(ByteBuffer()))
    }
}
