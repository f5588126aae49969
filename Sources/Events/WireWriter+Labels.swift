internal import Bytes
internal import OTLP

extension WireWriter {
    /// The content of a `KeyValue` with a string.
    mutating func label(_ key: [UInt8], _ value: UnsafeRawBufferPointer) {
        field(1, key)
        field(2) { $0.field(1, value) }
    }

    /// The content of a `KeyValue` with a map: values by the keys of their attributes, the best first. The exporter
    /// shows one of them, and applies the label policy by its key (docs/labels.md).
    mutating func label(_ key: [UInt8], _ users: [SourcedText]) {
        field(1, key)
        field(2) { anyValue in
            anyValue.field(6) { map in
                for user in users {
                    map.field(1) { entry in user.text.withUnsafeBytes { entry.label(user.key, $0) } }
                }
                for user in users where user.hashes > 0 { map.field(1) { $0.mark(user.key, user.hashes) } }
            }
        }
    }

    /// The content of a `KeyValue` with a mark of `HashMarks`.
    mutating func mark(_ key: [UInt8], _ hashes: Int) {
        field(1, HashMarks.prefix + key)
        field(2) { $0.field(3, varint: UInt64(hashes)) }
    }
}
