private import Platform

/// A fixed set of names with their numbers, looked up by bytes of an export.
struct NameTable: Sendable {
    private(set) var names: [[UInt8]] = []
    /// By hash, open addressing; the number of a name + 1, 0 if empty. A power of two in size, at most half full.
    private var places: [Int32] = [Int32](repeating: 0, count: 16)

    var count: Int { names.count }

    /// The number of a name; a new name gets the next number.
    mutating func number(of name: String) -> Int {
        let bytes = Array(name.utf8)
        if let known = bytes.withUnsafeBytes({ find($0) }) { return known }
        names.append(bytes)
        if names.count * 2 > places.count {
            places = [Int32](repeating: 0, count: places.count * 2)
            for number in names.indices { insert(number) }
        } else {
            insert(names.count - 1)
        }
        return names.count - 1
    }

    private mutating func insert(_ number: Int) {
        var place = names[number].withUnsafeBytes { Self.start($0, places.count) }
        while places[place] != 0 { place = (place + 1) & (places.count - 1) }
        places[place] = Int32(number + 1)
    }

    /// Nil if the name is not in the table.
    func find(_ name: UnsafeRawBufferPointer) -> Int? {
        var place = Self.start(name, places.count)
        while places[place] != 0 {
            let number = Int(places[place]) - 1
            if names[number].count == name.count, Self.isEqual(names[number], name) { return number }
            place = (place + 1) & (places.count - 1)
        }
        return nil
    }

    private static func isEqual(_ a: [UInt8], _ b: UnsafeRawBufferPointer) -> Bool {
        guard let start = b.baseAddress else { return a.isEmpty }
        return a.withUnsafeBytes { $0.baseAddress.map { memcmp($0, start, b.count) == 0 } ?? true }
    }

    /// Names of attributes nearly always differ in length or at their ends, so the rest need not be read.
    private static func start(_ name: UnsafeRawBufferPointer, _ size: Int) -> Int {
        guard let first = name.first, let last = name.last else { return 0 }
        let middle = name[name.count / 2]
        let mixed = UInt64(first) | UInt64(last) << 8 | UInt64(middle) << 16 | UInt64(name.count & 0xFF) << 24
        return Int(truncatingIfNeeded: mixed &* 0x9E37_79B9_7F4A_7C15 >> 32) & (size - 1)
    }
}
