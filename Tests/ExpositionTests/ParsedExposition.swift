import Series

/// A strict parser of the text format 0.0.4, for these tests only: it accepts only what the format describes, and only
/// the spaces that we write.
struct ParsedExposition {
    struct Family {
        var name: String
        var help: String
        var type: String
        var samples: [Sample] = []
    }

    struct Sample {
        var labels: [String: String]
        /// As in the line.
        var labelNames: [String]
        var value: Double
    }

    struct Fault: Error {
        var reason: String
        var line: String
    }

    private(set) var families: [Family] = []

    init(_ bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Fault(reason: "not UTF-8", line: "") }
        if text.isEmpty { return }
        guard bytes.last == UInt8(ascii: "\n") else { throw Fault(reason: "no newline at the end", line: "") }
        for line in text.unicodeScalars.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            try read(line: String(line))
        }
        for family in families where family.samples.isEmpty { throw Fault(reason: "no samples", line: family.name) }
    }

    private mutating func read(line: String) throws {
        if line.hasPrefix("# HELP ") {
            let (name, help) = try Self.cut(line, after: "# HELP ")
            guard Self.isName(name, colon: true) else { throw Fault(reason: "family name", line: line) }
            guard !families.contains(where: { $0.name == name }) else {
                throw Fault(reason: "family twice", line: line)
            }
            families.append(Family(name: name, help: try Self.unescaped(help, quote: false, line: line), type: ""))
        } else if line.hasPrefix("# TYPE ") {
            let (name, type) = try Self.cut(line, after: "# TYPE ")
            guard let family = families.last, family.name == name, family.type.isEmpty, family.samples.isEmpty,
                ["counter", "gauge"].contains(type)
            else { throw Fault(reason: "TYPE", line: line) }
            families[families.count - 1].type = type
        } else {
            guard let family = families.last, !family.type.isEmpty else { throw Fault(reason: "no family", line: line) }
            let sample = try Self.sample(line, of: family.name)
            let isRepeated = family.samples.contains { $0.labels == sample.labels }
            if isRepeated { throw Fault(reason: "series twice", line: line) }
            families[families.count - 1].samples.append(sample)
        }
    }

    private static func cut(_ line: String, after prefix: String) throws -> (String, String) {
        let rest = line.unicodeScalars.dropFirst(prefix.unicodeScalars.count)
        guard let space = rest.firstIndex(of: " ") else { throw Fault(reason: "no space", line: line) }
        return (String(rest[..<space]), String(rest[rest.index(after: space)...]))
    }

    private static func sample(_ line: String, of family: String) throws -> Sample {
        var rest = Array(line.unicodeScalars)[...]
        func fault(_ reason: String) -> Fault { Fault(reason: reason, line: line) }
        guard rest.starts(with: family.unicodeScalars) else { throw fault("name") }
        rest = rest.dropFirst(family.unicodeScalars.count)
        var sample = Sample(labels: [:], labelNames: [], value: 0)
        if rest.first == "{" {
            repeat {
                rest.removeFirst()
                let name = String(String.UnicodeScalarView(rest.prefix { $0 != "=" }))
                guard isName(name, colon: false) else { throw fault("label name \(name)") }
                rest = rest.dropFirst(name.unicodeScalars.count + 1)
                guard rest.popFirst() == "\"" else { throw fault("quote") }
                var end = rest.startIndex
                while end < rest.endIndex, rest[end] != "\"" { end += rest[end] == "\\" ? 2 : 1 }
                guard end < rest.endIndex else { throw fault("unterminated") }
                let raw = String(String.UnicodeScalarView(rest[..<end]))
                rest = rest[(end + 1)...]
                let previous = sample.labels.updateValue(try unescaped(raw, quote: true, line: line), forKey: name)
                guard previous == nil, !raw.isEmpty else { throw fault("label twice or empty") }
                sample.labelNames.append(name)
            } while rest.first == ","
            guard rest.popFirst() == "}" else { throw fault("brace") }
        }
        guard rest.popFirst() == " " else { throw fault("space") }
        sample.value = try number(String(String.UnicodeScalarView(rest)), line: line)
        return sample
    }

    private static func number(_ text: String, line: String) throws -> Double {
        guard let value = GoFloat.number(text) else { throw Fault(reason: "number \(text)", line: line) }
        return value
    }

    private static func unescaped(_ text: String, quote: Bool, line: String) throws -> String {
        var result = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                switch scalar {
                case "\\": result.append("\\")
                case "n": result.append("\n")
                case "\"" where quote: result.append("\"")
                default: throw Fault(reason: "escape", line: line)
                }
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                result.append(scalar)
            }
        }
        if isEscaped { throw Fault(reason: "escape at the end", line: line) }
        return String(result)
    }

    private static func isName(_ name: String, colon: Bool) -> Bool {
        let first = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_" + (colon ? ":" : "")
        guard let start = name.utf8.first, first.utf8.contains(start) else { return false }
        return name.utf8.allSatisfy { (first + "0123456789").utf8.contains($0) }
    }
}
