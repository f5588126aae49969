import Bytes
import Foundation
import Testing

@Suite struct Base64Tests {
    private static func text(_ bytes: [UInt8], isPadded: Bool = true) -> String {
        var text: [UInt8] = []
        bytes.withUnsafeBytes { Base64.append($0, isPadded: isPadded, to: &text) }
        return String(decoding: text, as: UTF8.self)
    }

    private static func read(_ text: String) -> [UInt8]? {
        Array(text.utf8).withUnsafeBufferPointer { Base64.bytes(ofAnyForm: $0) }
    }

    @Test("any number of bytes is encoded and decoded as in the standard")
    func everyCount() {
        for count in 0...20 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 200) }
            let text = Data(bytes).base64EncodedString()
            #expect(Self.text(bytes) == text)
            #expect(Base64.bytes(of: text) == bytes)
            let bare = text.replacing("=", with: "")
            #expect(Self.text(bytes, isPadded: false) == bare)
            #expect(Self.read(bare.replacing("+", with: "-").replacing("/", with: "_")) == bytes)
        }
    }

    @Test("only the canonical form of credentials is decoded")
    func malformed() {
        for malformed in ["a", "ab", "abc", "a===", "ab=c", "ab==cdef", "abc\n", "ab-_", "abd=x", "AB==", "ABB="] {
            #expect(Base64.bytes(of: malformed) == nil, "\(malformed)")
        }
    }
}
