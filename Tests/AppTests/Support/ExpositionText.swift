/// The text format 0.0.4 or OpenMetrics 1.0.0, parsed strictly: a line that the format does not allow is an error.
/// Names in quotes are valid if they need them.
///
/// For these tests only; shares no code with the program. An empty label equals none.
struct ExpositionText {
    enum Format {
        case text
        case openMetrics
    }

    struct Sample: Hashable {
        var name: String
        /// Without labels whose value is empty; bounds and quantiles as the shortest number.
        var labels: [String: String]
        var value: Double
        /// As written, for series that carry explicit times: milliseconds, in OpenMetrics seconds.
        var timestamp: String?
        var exemplar: Exemplar?
    }

    struct Exemplar: Hashable {
        var labels: [String: String]
        var value: Double
        /// As written, seconds.
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

    var families: [Family] = []
    private let format: Format
    private var positions: [String: Int] = [:]
    private var seen: Set<Identity> = []

    struct Identity: Hashable {
        var name: String
        var labels: [String: String]
    }

    init(_ text: String, as format: Format = .text) throws {
        self.format = format
        if text.isEmpty, format == .text { return }
        guard text.unicodeScalars.last == "\n" else { throw Fault(reason: "no newline at the end", line: "") }
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        if format == .openMetrics {
            guard lines.popLast().map(String.init) == "# EOF" else { throw Fault(reason: "no # EOF", line: "") }
        }
        for line in lines { try read(String(line)) }
        for family in families where family.samples.isEmpty {
            throw Fault(reason: "no samples", line: family.name)
        }
    }

    init(_ bytes: [UInt8], as format: Format = .text) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Fault(reason: "not UTF-8", line: "")
        }
        try self.init(text, as: format)
    }

    var samples: [Sample] { families.flatMap(\.samples) }

    /// The value of a series, nil if it is not on the page; labels as on the page, without empty ones.
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
            families[index].help = try Self.unescaped(
                text, takingQuote: format == .openMetrics, line: line)
        } else if line.hasPrefix("# TYPE ") {
            let (name, type) = try Self.metadata(line, after: "# TYPE ")
            let index = try openFamily(name, line: line)
            guard families[index].type == nil, types.contains(type)
            else { throw Fault(reason: "TYPE", line: line) }
            families[index].type = type
        } else if format == .openMetrics, line.hasPrefix("# UNIT ") {
            let (name, unit) = try Self.metadata(line, after: "# UNIT ")
            _ = try openFamily(name, line: line)
            guard name.hasSuffix("_" + unit) else { throw Fault(reason: "UNIT", line: line) }
        } else {
            var reader = SampleReader(line, format: format)
            let sample = try reader.read()
            guard let index = families.indices.last, isSample(sample.name, of: families[index]) else {
                throw Fault(reason: "outside its family", line: line)
            }
            guard seen.insert(Identity(name: sample.name, labels: sample.labels)).inserted else {
                throw Fault(reason: "series twice", line: line)
            }
            families[index].samples.append(sample)
        }
    }

    /// The family for metadata: the last one if it has no samples yet, or a new one.
    private mutating func openFamily(_ name: String, line: String) throws -> Int {
        if let index = positions[name] {
            guard index == families.count - 1, families[index].samples.isEmpty else {
                throw Fault(reason: "family in two pieces", line: line)
            }
            return index
        }
        positions[name] = families.count
        families.append(Family(name: name))
        return families.count - 1
    }

    private var types: [String] {
        let shared = ["counter", "gauge", "histogram", "summary"]
        return shared + (format == .text ? ["untyped"] : ["unknown", "info", "stateset", "gaugehistogram"])
    }

    private func isSample(_ name: String, of family: Family) -> Bool {
        let isOpenMetrics = format == .openMetrics
        let suffixes: [String]
        switch family.type {
        case "histogram": suffixes = ["_bucket", "_sum", "_count"] + (isOpenMetrics ? ["_created"] : [])
        case "summary": suffixes = ["", "_sum", "_count"] + (isOpenMetrics ? ["_created"] : [])
        case "counter": suffixes = isOpenMetrics ? ["_total", "_created"] : [""]
        case "info": suffixes = ["_info"]
        case nil: suffixes = []
        default: suffixes = [""]
        }
        return suffixes.contains { name == family.name + $0 }
    }

    /// Name and rest of a metadata line; the name is quoted exactly if it needs to be.
    private static func metadata(_ line: String, after prefix: String) throws -> (String, String) {
        var reader = SampleReader(String(line.dropFirst(prefix.count)), format: .text)
        return (try reader.readFamilyName(), try reader.readRest())
    }

    /// Unescapes HELP texts, and label values if `takingQuote`.
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
