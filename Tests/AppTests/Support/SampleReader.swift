/// Reads one line of an exposition from its start.
struct SampleReader {
    private let line: String
    private let format: ExpositionText.Format
    private var rest: ArraySlice<UInt8>

    init(_ line: String, format: ExpositionText.Format) {
        self.line = line
        self.format = format
        rest = Array(line.utf8)[...]
    }

    /// A whole sample line.
    mutating func read() throws -> ExpositionText.Sample {
        var name = take { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: " ") }
        if !name.isEmpty {
            guard Self.isName(name, mayHoldColon: true) else { throw fault("name") }
        }
        var labels: [String: String] = [:]
        if rest.first == UInt8(ascii: "{") {
            rest = rest.dropFirst()
            if name.isEmpty {
                name = try readQuotedName(mayHoldColon: true)
                if rest.first == UInt8(ascii: ",") { rest = rest.dropFirst() }
            }
            labels = try readLabels()
        }
        guard !name.isEmpty else { throw fault("no name") }
        try expect(UInt8(ascii: " "))
        let value = try readValue()
        let timestamp = try readTimestamp(unit: format)
        return ExpositionText.Sample(
            name: name, labels: labels, value: value, timestamp: timestamp, exemplar: try readExemplar())
    }

    /// The name in metadata.
    mutating func readFamilyName() throws -> String {
        if rest.first == UInt8(ascii: "\"") { return try readQuotedName(mayHoldColon: true) }
        let name = take { $0 != UInt8(ascii: " ") }
        guard Self.isName(name, mayHoldColon: true) else { throw fault("family name") }
        return name
    }

    /// The text after a space, to the end.
    mutating func readRest() throws -> String {
        try expect(UInt8(ascii: " "))
        return take { _ in true }
    }

    /// A name that has to be quoted.
    private mutating func readQuotedName(mayHoldColon: Bool) throws -> String {
        let name = try readQuoted()
        guard !name.isEmpty, !Self.isName(name, mayHoldColon: mayHoldColon) else { throw fault("quoted name") }
        return name
    }

    private mutating func readQuoted() throws -> String {
        try expect(UInt8(ascii: "\""))
        var isEscaped = false
        let raw = take { byte in
            if isEscaped || byte != UInt8(ascii: "\"") {
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
                return true
            }
            return false
        }
        try expect(UInt8(ascii: "\""))
        return try ExpositionText.unescaped(raw, takingQuote: true, line: line)
    }

    /// Labels up to and including the closing brace.
    private mutating func readLabels() throws -> [String: String] {
        var labels: [String: String] = [:]
        var names: Set<String> = []
        while rest.first != UInt8(ascii: "}") {
            if !names.isEmpty { try expect(UInt8(ascii: ",")) }
            let name: String
            if rest.first == UInt8(ascii: "\"") {
                name = try readQuotedName(mayHoldColon: false)
            } else {
                name = take { $0 != UInt8(ascii: "=") }
                guard Self.isName(name, mayHoldColon: false) else { throw fault("label name") }
            }
            guard names.insert(name).inserted else { throw fault("label twice") }
            try expect(UInt8(ascii: "="))
            var value = try readQuoted()
            if name == "le" || name == "quantile", let number = Double(value) { value = "\(number)" }
            if !value.isEmpty { labels[name] = value }
        }
        try expect(UInt8(ascii: "}"))
        return labels
    }

    /// OpenMetrics: ` # {labels} value time` at the end of a line.
    private mutating func readExemplar() throws -> ExpositionText.Exemplar? {
        if rest.isEmpty { return nil }
        guard format == .openMetrics else { throw fault("the line goes on") }
        for byte in " # {".utf8 { try expect(byte) }
        let labels = try readLabels()
        guard labels.reduce(0, { $0 + $1.key.unicodeScalars.count + $1.value.unicodeScalars.count }) <= 128 else {
            throw fault("exemplar of more than 128 code points")
        }
        try expect(UInt8(ascii: " "))
        let value = try readValue()
        let timestamp = try readTimestamp(unit: .openMetrics)
        guard rest.isEmpty else { throw fault("the line goes on") }
        return ExpositionText.Exemplar(labels: labels, value: value, timestamp: timestamp)
    }

    /// Milliseconds in text, seconds with a fraction in OpenMetrics; nil if there is none.
    private mutating func readTimestamp(unit: ExpositionText.Format) throws -> String? {
        guard rest.first == UInt8(ascii: " "), !rest.starts(with: " #".utf8) else { return nil }
        rest = rest.dropFirst()
        let text = take { $0 != UInt8(ascii: " ") }
        let isTime = unit == .text ? Int64(text) != nil : Double(text)?.isFinite == true
        guard isTime else { throw fault("timestamp") }
        return text
    }

    private mutating func readValue() throws -> Double {
        let text = take { $0 != UInt8(ascii: " ") }
        guard let value = GoFloat.number(text) else { throw fault("number \(text)") }
        return value
    }

    private mutating func take(while isTaken: (UInt8) -> Bool) -> String {
        let end = rest.firstIndex { !isTaken($0) } ?? rest.endIndex
        defer { rest = rest[end...] }
        return String(decoding: rest[..<end], as: UTF8.self)
    }

    private mutating func expect(_ byte: UInt8) throws {
        guard rest.popFirst() == byte else { throw fault("\(Unicode.Scalar(byte)) expected") }
    }

    private func fault(_ reason: String) -> ExpositionText.Fault {
        ExpositionText.Fault(reason: reason, line: line)
    }

    private static func isName(_ name: String, mayHoldColon: Bool) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy {
            isDigit($0) || $0 == UInt8(ascii: "_") || ($0 == UInt8(ascii: ":") && mayHoldColon)
                || ($0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z"))
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
