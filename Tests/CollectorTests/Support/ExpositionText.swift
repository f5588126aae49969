/// The text format 0.0.4, read strictly: a line that the format's description does not allow is a fault.
///
/// Written for these tests alone; it shares nothing with the program. An empty label equals none.
struct ExpositionText {
    struct Sample: Hashable {
        var name: String
        /// Without labels whose value is empty.
        var labels: [String: String]
        var value: Double
        /// As written, for series that carry explicit times; milliseconds.
        var timestamp: String?
    }

    struct Family {
        var name: String
        var help: String?
        var type: String?
        var samples: [Sample] = []
    }

    struct Fault: Error, CustomStringConvertible {
        var reason: String
        var line: String
        var description: String { "\(reason): \(line)" }
    }

    private(set) var families: [Family] = []
    private var positions: [String: Int] = [:]
    private var seen: Set<Identity> = []

    private struct Identity: Hashable {
        var name: String
        var labels: [String: String]
    }

    init(_ text: String) throws {
        if text.isEmpty { return }
        guard text.unicodeScalars.last == "\n" else { throw Fault(reason: "no newline at the end", line: "") }
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        for line in lines { try read(String(line)) }
        for family in families where family.samples.isEmpty {
            throw Fault(reason: "no samples", line: family.name)
        }
    }

    init(_ bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Fault(reason: "not UTF-8", line: "")
        }
        try self.init(text)
    }

    var samples: [Sample] { families.flatMap(\.samples) }

    /// The value of a series, nil when it is not exposed; labels as in the document, empty ones left out.
    subscript(name: String, labels: [String: String]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    /// The sum over all series of a name; nil when there is none.
    func total(of name: String) -> Double? {
        let values = samples.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values.reduce(0, +)
    }

    private mutating func read(_ line: String) throws {
        if line.hasPrefix("# HELP ") {
            let (name, text) = try Self.metadata(line, after: "# HELP ")
            let index = try openFamily(name, line: line)
            guard families[index].help == nil else { throw Fault(reason: "HELP twice", line: line) }
            families[index].help = try Self.unescaped(text, takingQuote: false, line: line)
        } else if line.hasPrefix("# TYPE ") {
            let (name, type) = try Self.metadata(line, after: "# TYPE ")
            let index = try openFamily(name, line: line)
            guard families[index].type == nil,
                ["counter", "gauge", "histogram", "summary", "untyped"].contains(type)
            else { throw Fault(reason: "TYPE", line: line) }
            families[index].type = type
        } else {
            var reader = SampleReader(line)
            let sample = try reader.read()
            guard let index = families.indices.last, Self.isSample(sample.name, of: families[index]) else {
                throw Fault(reason: "outside its family", line: line)
            }
            guard seen.insert(Identity(name: sample.name, labels: sample.labels)).inserted else {
                throw Fault(reason: "series twice", line: line)
            }
            families[index].samples.append(sample)
        }
    }

    /// The family that metadata may be added to: the last one while it has no samples, or a new one.
    private mutating func openFamily(_ name: String, line: String) throws -> Int {
        if let index = positions[name] {
            guard index == families.count - 1, families[index].samples.isEmpty else {
                throw Fault(reason: "family in two pieces", line: line)
            }
            return index
        }
        guard SampleReader.isName(name, mayHoldColon: true) else { throw Fault(reason: "family name", line: line) }
        positions[name] = families.count
        families.append(Family(name: name))
        return families.count - 1
    }

    private static func isSample(_ name: String, of family: Family) -> Bool {
        switch family.type {
        case "histogram": ["_bucket", "_sum", "_count"].contains { name == family.name + $0 }
        case "summary": ["", "_sum", "_count"].contains { name == family.name + $0 }
        case nil: false
        default: name == family.name
        }
    }

    private static func metadata(_ line: String, after prefix: String) throws -> (String, String) {
        let rest = line.unicodeScalars.dropFirst(prefix.unicodeScalars.count)
        guard let space = rest.firstIndex(of: " ") else { throw Fault(reason: "no space", line: line) }
        return (String(rest[..<space]), String(rest[rest.index(after: space)...]))
    }

    /// Undoes the escapes of HELP texts, and of label values where `takingQuote`.
    static func unescaped(_ text: String, takingQuote: Bool, line: String) throws -> String {
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
        var result = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in text.unicodeScalars {
            guard isEscaped || scalar == "\\" else {
                result.append(scalar)
                continue
            }
            if isEscaped {
                switch scalar {
                case "\\": result.append("\\")
                case "n": result.append("\n")
                case "\"" where takingQuote: result.append("\"")
                default: throw Fault(reason: "escape", line: line)
                }
            }
            isEscaped.toggle()
        }
        if isEscaped { throw Fault(reason: "escape at the end", line: line) }
        return String(result)
    }
}

/// Reads one sample line.
private struct SampleReader {
    private let line: String
    private var rest: ArraySlice<UInt8>

    init(_ line: String) {
        self.line = line
        rest = Array(line.utf8)[...]
    }

    mutating func read() throws -> ExpositionText.Sample {
        let name = take { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: " ") }
        guard Self.isName(name, mayHoldColon: true) else { throw fault("name") }
        var labels: [String: String] = [:]
        if rest.first == UInt8(ascii: "{") { labels = try readLabels() }
        try expect(UInt8(ascii: " "))
        let number = take { $0 != UInt8(ascii: " ") }
        var timestamp: String?
        if !rest.isEmpty {
            try expect(UInt8(ascii: " "))
            timestamp = take { _ in true }
            guard timestamp.flatMap({ Int64($0) }) != nil else { throw fault("timestamp") }
        }
        return ExpositionText.Sample(name: name, labels: labels, value: try value(number), timestamp: timestamp)
    }

    private mutating func readLabels() throws -> [String: String] {
        var labels: [String: String] = [:]
        var names: Set<String> = []
        repeat {
            rest = rest.dropFirst()
            let name = take { $0 != UInt8(ascii: "=") }
            guard Self.isName(name, mayHoldColon: false) else { throw fault("label name") }
            guard names.insert(name).inserted else { throw fault("label twice") }
            try expect(UInt8(ascii: "="))
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
            let value = try ExpositionText.unescaped(raw, takingQuote: true, line: line)
            if !value.isEmpty { labels[name] = value }
        } while rest.first == UInt8(ascii: ",")
        try expect(UInt8(ascii: "}"))
        return labels
    }

    private mutating func take(while isTaken: (UInt8) -> Bool) -> String {
        let end = rest.firstIndex { !isTaken($0) } ?? rest.endIndex
        defer { rest = rest[end...] }
        return String(decoding: rest[..<end], as: UTF8.self)
    }

    private mutating func expect(_ byte: UInt8) throws {
        guard rest.popFirst() == byte else { throw fault("\(Unicode.Scalar(byte)) expected") }
    }

    /// What Go's ParseFloat reads and an exporter writes: no hexadecimal, infinities with a sign.
    private func value(_ text: String) throws -> Double {
        switch text {
        case "NaN": return .nan
        case "+Inf": return .infinity
        case "-Inf": return -.infinity
        default:
            let isPlain = text.utf8.allSatisfy { "0123456789+-.e".utf8.contains($0) }
            guard isPlain, let value = Double(text) else { throw fault("number \(text)") }
            return value
        }
    }

    private func fault(_ reason: String) -> ExpositionText.Fault {
        ExpositionText.Fault(reason: reason, line: line)
    }

    static func isName(_ name: String, mayHoldColon: Bool) -> Bool {
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

extension ExpositionText {
    /// How `self` differs from `wanted`, one sentence each: metadata, label sets, values (to 1e-9, NaN equal to NaN).
    func differences(from wanted: ExpositionText) -> [String] {
        var result: [String] = []
        let (mine, theirs) = (familiesByName, wanted.familiesByName)
        for name in Set(mine.keys).union(theirs.keys).sorted() {
            guard let family = mine[name] else {
                result.append("missing family \(name)")
                continue
            }
            guard let other = theirs[name] else {
                result.append("unexpected family \(name)")
                continue
            }
            if family.type != other.type {
                result.append("\(name) is a \(family.type ?? "") not a \(other.type ?? "")")
            }
            if (family.help ?? "") != (other.help ?? "") {
                result.append("help of \(name): «\(family.help ?? "")» instead of «\(other.help ?? "")»")
            }
            result += Self.differences(of: family.samples, from: other.samples)
        }
        return result
    }

    private var familiesByName: [String: Family] {
        Dictionary(families.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static func differences(of samples: [Sample], from wanted: [Sample]) -> [String] {
        var rest = Dictionary(
            samples.map { (Identity(name: $0.name, labels: $0.labels), $0) }, uniquingKeysWith: { first, _ in first })
        var result: [String] = []
        for sample in wanted {
            guard let found = rest.removeValue(forKey: Identity(name: sample.name, labels: sample.labels)) else {
                result.append("missing \(sample.name)\(sample.labels)")
                continue
            }
            if !isSame(found.value, sample.value) || found.timestamp != sample.timestamp {
                result.append("\(sample.name)\(sample.labels) is \(found.value) instead of \(sample.value)")
            }
        }
        return result + rest.keys.map { "unexpected \($0.name)\($0.labels)" }
    }

    static func isSame(_ a: Double, _ b: Double) -> Bool {
        a == b || (a.isNaN && b.isNaN) || abs(a - b) <= 1e-9 * max(abs(a), abs(b))
    }

    /// The families that the condition takes.
    func filtered(_ isTaken: (Family) -> Bool) -> ExpositionText {
        var copy = self
        copy.families = families.filter(isTaken)
        return copy
    }
}
