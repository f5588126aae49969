/// Sizes in settings: `4096`, `16KiB`, `256 MiB`.
enum ByteCount {
    private static let units: [(name: String, shift: Int)] = [("KiB", 10), ("MiB", 20), ("GiB", 30)]

    /// Nil if the text is no size or does not fit into an Int. Without a unit it counts bytes.
    static func parse(_ text: String) -> Int? {
        for (name, shift) in units where text.hasSuffix(name) {
            var digits = text.dropLast(name.count)
            if digits.last == " " {
                digits.removeLast()
            }
            guard let count = number(String(digits)) else {
                return nil
            }
            let (bytes, overflow) = count.multipliedReportingOverflow(by: 1 << shift)
            return overflow ? nil : bytes
        }
        return number(text)
    }

    private static func number(_ text: String) -> Int? {
        guard let value = YAMLScalars.integer(text), value >= 0 else {
            return nil
        }
        return value
    }

    /// `256 MiB` for whole multiples, bytes otherwise.
    static func text(_ bytes: Int) -> String {
        for (name, shift) in units.reversed() where bytes > 0 && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift) \(name)"
        }
        return bytes == 0 ? "0" : "\(bytes) bytes"
    }
}
