internal import Bytes
internal import OTLP

/// Writes numbers and byte strings in sequence, as in the records of the state directory.
///
/// Small numbers take one byte. `StateReader` reads them in the same order. There are no field tags, so a change of the
/// order needs a new `StateKind` or a new version of the header.
struct StateWriter {
    private var writer = WireWriter()

    var bytes: [UInt8] { writer.bytes }

    mutating func removeAll() { writer.removeAll() }

    mutating func byte(_ value: UInt8) { writer.bytes.append(value) }

    mutating func flag(_ value: Bool) { byte(value ? 1 : 0) }

    /// Seven bits a byte, lowest first.
    mutating func number(_ value: UInt64) { writer.varint(value) }

    mutating func number(_ value: Int) { number(UInt64(value)) }

    mutating func number(_ value: UInt32) { number(UInt64(value)) }

    /// Numbers near 0 on either side are short.
    mutating func signed(_ value: Int64) {
        number(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    /// The difference of two numbers; wraps, so that any two are valid.
    mutating func difference(_ value: UInt64, from other: UInt64) {
        signed(Int64(bitPattern: value &- other))
    }

    mutating func fixed(_ value: UInt64) { writer.word(value) }

    mutating func double(_ value: Double) { fixed(value.bitPattern) }

    mutating func string(_ value: some Collection<UInt8>) {
        number(value.count)
        writer.bytes.append(contentsOf: value)
    }

    mutating func optional<Value: StateCoded>(_ value: Value?) {
        flag(value != nil)
        value?.write(to: &self)
    }

    /// One of several cases: its tag and its content.
    mutating func tagged(_ tag: some RawRepresentable<UInt8>, _ content: some StateCoded) {
        byte(tag.rawValue)
        content.write(to: &self)
    }

    mutating func list<Element: StateCoded>(_ elements: some Collection<Element>) {
        number(elements.count)
        for element in elements { element.write(to: &self) }
    }
}

/// A part of the state that is written to a record and restored from it.
protocol StateCoded {
    func write(to writer: inout StateWriter)

    /// - Throws: if `write` cannot have written the bytes.
    init(from reader: inout StateReader) throws(StateFault)
}

extension UInt64: StateCoded {
    func write(to writer: inout StateWriter) { writer.number(self) }

    init(from reader: inout StateReader) throws(StateFault) { self = try reader.number() }
}

extension Double: StateCoded {
    func write(to writer: inout StateWriter) { writer.double(self) }

    init(from reader: inout StateReader) throws(StateFault) { self = try reader.double() }
}

extension SampleValue: StateCoded {
    func write(to writer: inout StateWriter) {
        switch self {
        case .int(let number):
            writer.byte(0)
            writer.signed(number)
        case .double(let number):
            writer.byte(1)
            writer.double(number)
        }
    }

    init(from reader: inout StateReader) throws(StateFault) {
        switch try reader.byte() {
        case 0: self = .int(try reader.signed())
        case 1: self = .double(try reader.double())
        default: throw .unknownTag
        }
    }
}
