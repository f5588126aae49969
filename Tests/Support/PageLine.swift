/// One line of a text page, parsed as strictly as by the lexers of Prometheus.
struct PageLine {
    struct Fault: Error, CustomStringConvertible {
        var reason: String
        var line: String

        var description: String { "\(reason): \(line)" }
    }

    /// A name or a text, unescaped.
    typealias Text = [UInt8]

    struct Sample {
        var name: Text
        var labels: [Label]
        var value: Double
        var isInteger: Bool
        /// As in the line; nil for none.
        var time: Double?
        var exemplar: Exemplar?
    }

    struct Label: Hashable {
        var name: Text
        var value: Text
    }

    struct Exemplar {
        var labels: [Label]
        var value: Double
    }

    private let line: ArraySlice<UInt8>
    private var position: Int

    init(_ line: ArraySlice<UInt8>) {
        self.line = line
        position = line.startIndex
    }

    func fault(_ reason: String) -> Fault { Fault(reason: reason, line: String(decoding: line, as: UTF8.self)) }

    /// The rest of a metadata line that starts with `# KEYWORD `: the family's name and a text.
    static func metadata(_ line: ArraySlice<UInt8>, keyword: String) throws -> (name: Text, text: Text)? {
        let start = Array("# \(keyword) ".utf8)
        guard line.starts(with: start) else { return nil }
        var reader = PageLine(line)
        reader.position += start.count
        let name = try reader.name()
        try reader.take(" ")
        return (name, Array(line[reader.position...]))
    }

    static func sample(_ line: ArraySlice<UInt8>) throws -> Sample {
        var reader = PageLine(line)
        var name: Text?
        if reader.next != UInt8(ascii: "{") { name = try reader.name() }
        var labels: [Label] = []
        if reader.next == UInt8(ascii: "{") {
            (name, labels) = try reader.labels(name: name, isExemplar: false)
        }
        guard let name else { throw reader.fault("no name") }
        try reader.take(" ")
        let (value, isInteger) = try reader.number()
        var sample = Sample(name: name, labels: labels, value: value, isInteger: isInteger)
        if reader.next == UInt8(ascii: " "), reader.second != UInt8(ascii: "#") {
            try reader.take(" ")
            sample.time = try reader.time()
        }
        if reader.next != nil {
            try reader.take(" # ")
            let labels = try reader.labels(name: [], isExemplar: true).labels
            try reader.take(" ")
            sample.exemplar = Exemplar(labels: labels, value: try reader.number().value)
            if reader.next != nil {
                try reader.take(" ")
                _ = try reader.time()
            }
        }
        guard reader.next == nil else { throw reader.fault("more than a sample") }
        return sample
    }

    /// Unescapes HELP. Only escapes of the format are valid.
    static func unescaped(_ text: Text, hasQuotes: Bool) throws -> Text {
        var result: Text = []
        var escaped = false
        for byte in text {
            if escaped {
                switch byte {
                case UInt8(ascii: "n"): result.append(UInt8(ascii: "\n"))
                case UInt8(ascii: "\\"): result.append(byte)
                case UInt8(ascii: "\"") where hasQuotes: result.append(byte)
                default: throw Fault(reason: "unknown escape", line: String(decoding: text, as: UTF8.self))
                }
                escaped = false
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "\""), hasQuotes {
                throw Fault(reason: "bare quote", line: String(decoding: text, as: UTF8.self))
            } else {
                result.append(byte)
            }
        }
        if escaped { throw Fault(reason: "escape of nothing", line: String(decoding: text, as: UTF8.self)) }
        return result
    }

    static func isClassic(_ name: Text, colons: Bool) -> Bool {
        guard let first = name.first, !(0x30...0x39 ~= first) else { return false }
        return name.allSatisfy { byte in
            0x30...0x39 ~= byte || 0x41...0x5A ~= byte & 0xDF || byte == UInt8(ascii: "_")
                || colons && byte == UInt8(ascii: ":")
        }
    }

    private var next: UInt8? { position < line.endIndex ? line[position] : nil }

    private var second: UInt8? { position + 1 < line.endIndex ? line[position + 1] : nil }

    private mutating func take(_ text: String) throws {
        guard line[position...].starts(with: Array(text.utf8)) else { throw fault("no `\(text)`") }
        position += text.utf8.count
    }

    private mutating func word(until ends: Set<Character>) -> Text {
        let stops = Set(ends.compactMap(\.asciiValue))
        let word = line[position...].prefix { !stops.contains($0) }
        position = word.endIndex
        return Array(word)
    }

    /// A family's or a sample's name, bare or in quotes.
    private mutating func name() throws -> Text {
        if next == UInt8(ascii: "\"") { return try quoted(mayHoldNUL: false) }
        let name = word(until: [" ", "{"])
        guard Self.isClassic(name, colons: true) else { throw fault("name") }
        return name
    }

    /// A text in quotes. A lexer skips NUL only in values of series; elsewhere NUL ends the page.
    private mutating func quoted(mayHoldNUL: Bool) throws -> Text {
        try take("\"")
        var end = position
        while end < line.endIndex, line[end] != UInt8(ascii: "\"") { end += line[end] == UInt8(ascii: "\\") ? 2 : 1 }
        guard end < line.endIndex else { throw fault("no closing quote") }
        let text = Array(line[position..<end])
        guard mayHoldNUL || !text.contains(0) else { throw fault("NUL") }
        position = end + 1
        return try Self.unescaped(text, hasQuotes: true)
    }

    /// - Parameter name: of the sample, if it stood before the braces.
    private mutating func labels(name: Text?, isExemplar: Bool) throws -> (name: Text?, labels: [Label]) {
        var name = name
        var labels: [Label] = []
        try take("{")
        while next != UInt8(ascii: "}") {
            if !labels.isEmpty || name != nil && line[position - 1] != UInt8(ascii: "{") { try take(",") }
            let isQuoted = next == UInt8(ascii: "\"")
            let key = isQuoted ? try quoted(mayHoldNUL: false) : word(until: ["=", ",", "}"])
            if isQuoted, name == nil, next != UInt8(ascii: "=") {
                guard !key.isEmpty, !Self.isClassic(key, colons: true) else { throw fault("quotes without need") }
                name = key
                continue
            }
            guard isQuoted != Self.isClassic(key, colons: false), !key.isEmpty, !key.starts(with: Array("__".utf8)),
                !labels.contains(where: { $0.name == key })
            else { throw fault("label") }
            try take("=")
            labels.append(Label(name: key, value: try quoted(mayHoldNUL: !isExemplar)))
        }
        try take("}")
        return (name, labels)
    }

    private mutating func number() throws -> (value: Double, isInteger: Bool) {
        let word = word(until: [" "])
        let text = String(decoding: word, as: UTF8.self)
        if ["NaN", "+Inf", "-Inf"].contains(text) { return (Double(text) ?? .nan, false) }
        guard let value = Double(text), value.isFinite, word.allSatisfy({ "+-.e0123456789".utf8.contains($0) }) else {
            throw fault("number \(text)")
        }
        return (value, word.allSatisfy { 0x30...0x39 ~= $0 || $0 == UInt8(ascii: "-") })
    }

    private mutating func time() throws -> Double {
        let text = String(decoding: word(until: [" "]), as: UTF8.self)
        guard let value = Double(text), value.isFinite, text.utf8.allSatisfy({ ".0123456789".utf8.contains($0) })
        else { throw fault("time \(text)") }
        return value
    }
}
