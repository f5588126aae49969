import Bytes
import Testing

@Suite struct WireWriterTests {
    private static func written(_ write: (inout WireWriter) -> Void) -> [UInt8] {
        var writer = WireWriter()
        write(&writer)
        return writer.bytes
    }

    @Test(
        "a varint has seven bits a byte, the lowest first",
        arguments: [
            (0, [0]), (1, [1]), (127, [0x7F]), (128, [0x80, 1]), (300, [0xAC, 2]), (16_383, [0xFF, 0x7F]),
            (16_384, [0x80, 0x80, 1]),
            (UInt64.max, [UInt8](repeating: 0xFF, count: 9) + [1]),
        ] as [(UInt64, [UInt8])])
    func varint(value: UInt64, bytes: [UInt8]) {
        #expect(Self.written { $0.varint(value) } == bytes)
    }

    @Test("a field begins with its number and its type")
    func fields() {
        #expect(Self.written { $0.field(1, varint: 150) } == [0x08, 0x96, 1])
        #expect(Self.written { $0.field(2, fixed64: 1) } == [0x11, 1, 0, 0, 0, 0, 0, 0, 0])
        #expect(Self.written { $0.field(3, fixed32: 0x0102) } == [0x1D, 2, 1, 0, 0])
        #expect(Self.written { $0.field(4, "ab") } == [0x22, 2, 0x61, 0x62])
        #expect(Self.written { $0.field(16, []) } == [0x82, 1, 0])
        #expect(
            Self.written { writer in
                writer.field(5) { packed in for word in [1, 2 << 56] as [UInt64] { packed.word(word) } }
            }
                == [0x2A, 16, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2])
        #expect(Self.written { $0.append([7, 8]) } == [7, 8])
    }

    @Test(
        "a number with zig-zag encoding is short near 0",
        arguments: [(0, 0), (-1, 1), (1, 2), (-2, 3), (.max, 0xFFFF_FFFE), (.min, 0xFFFF_FFFF)] as [(Int32, UInt64)])
    func zigZag(value: Int32, encoded: UInt64) {
        #expect(Self.written { $0.field(6, zigZag: value) } == Self.written { $0.field(6, varint: encoded) })
    }

    @Test(
        "a message has its length before it, however long that is", arguments: [0, 1, 127, 128, 16_383, 16_384, 70_000])
    func message(length: Int) {
        let content = [UInt8](repeating: 7, count: length)
        let nested = Self.written { writer in
            writer.field(1, varint: 1)
            writer.field(2) { outer in
                outer.field(3) { $0.append(content) }
                outer.field(4, varint: 4)
            }
            writer.field(5, varint: 5)
        }
        let inner = Self.written { writer in
            writer.field(3, content)
            writer.field(4, varint: 4)
        }
        let flat = Self.written { writer in
            writer.field(1, varint: 1)
            writer.field(2, inner)
            writer.field(5, varint: 5)
        }
        #expect(nested == flat)
    }

    @Test("a message that was begun can be taken back")
    func cut() {
        var writer = WireWriter([1])
        let start = writer.begin(2)
        #expect(start == 3)
        writer.field(3, varint: 3)
        writer.cut(to: 1)
        #expect(writer.bytes == [1])
        writer.removeAll()
        #expect(writer.bytes.isEmpty)
    }
}
