/// What stands between `${` and `}`: `env:NAME`, `env:NAME:-default` or `NAME`.
struct EnvironmentReference {
    let name: String
    /// The default after `:-`; it may be empty.
    let fallback: [UInt8]?
    /// Why it cannot be replaced, if so.
    let problem: String?

    init(inner: ArraySlice<UInt8>) {
        let text = String(decoding: inner, as: UTF8.self)
        var rest = inner
        var problem: String?
        if rest.starts(with: "env:".utf8) {
            rest = rest.dropFirst(4)
        } else if let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            problem = Self.schemeProblem(String(decoding: rest[..<colon], as: UTF8.self), text)
        }
        var fallback: [UInt8]?
        if let mark = Self.fallbackMark(in: rest) {
            fallback = Array(rest[mark...].dropFirst(2))
            rest = rest[..<mark]
        }
        name = String(decoding: rest, as: UTF8.self)
        if problem == nil, !Self.isName(rest) {
            problem = "\(quoted(name)) is no name of an environment variable; write $$ for a single $"
        }
        self.fallback = fallback
        self.problem = problem
    }

    private static func fallbackMark(in text: ArraySlice<UInt8>) -> Int? {
        zip(text.indices, zip(text, text.dropFirst())).first { $1 == (UInt8(ascii: ":"), UInt8(ascii: "-")) }?.0
    }

    private static func isName(_ text: some Collection<UInt8>) -> Bool {
        guard let first = text.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
    }

    private static func schemeProblem(_ scheme: String, _ text: String) -> String {
        if ["file", "yaml", "http", "https"].contains(scheme) {
            return "${\(scheme):...} is not supported yet; write the value, or ${env:NAME}"
        }
        if isName(scheme.utf8), text.utf8.dropFirst(scheme.utf8.count).starts(with: ":-".utf8) {
            return "a default needs the long form; write ${env:\(printable(text))}"
        }
        return "\(quoted(scheme)) is no source of values; write ${env:NAME}"
    }
}

/// Finds references in text, in one pass: hostile text must not make it scan again and again.
enum ReferenceScan {
    enum Piece {
        case text(ArraySlice<UInt8>)
        /// What stands between `${` and the `}` that closes it; it may hold references itself.
        case reference(ArraySlice<UInt8>)
    }

    /// The outermost references of `text` and what lies between them, `$$` already made `$`. A `${` that is never
    /// closed is text.
    static func pieces(of text: ArraySlice<UInt8>) -> [Piece] {
        let ends = closings(in: text)
        var pieces: [Piece] = []
        var index = text.startIndex
        var textStart = index
        while index < text.endIndex {
            guard text[index] == UInt8(ascii: "$") else {
                index += 1
                continue
            }
            if let end = ends[index] {
                pieces.append(.text(text[textStart..<index]))
                pieces.append(.reference(text[(index + 2)..<end]))
                index = end + 1
                textStart = index
            } else if index + 1 < text.endIndex, text[index + 1] == UInt8(ascii: "$") {
                pieces.append(.text(text[textStart...index]))
                index += 2
                textStart = index
            } else {
                index += 1
            }
        }
        pieces.append(.text(text[textStart...]))
        return pieces
    }

    /// What stands in the reference that is the whole text, if it is one and nothing else.
    static func onlyReference(_ text: [UInt8]) -> ArraySlice<UInt8>? {
        guard let end = closings(in: text[...])[0], end == text.count - 1 else {
            return nil
        }
        return text[2..<end]
    }

    /// The index of the closing brace for each `${` that has one.
    private static func closings(in text: ArraySlice<UInt8>) -> [Int: Int] {
        var ends: [Int: Int] = [:]
        var open: [Int] = []
        var index = text.startIndex
        while index < text.endIndex {
            let next = index + 1 < text.endIndex ? text[index + 1] : 0
            switch (text[index], next) {
            case (UInt8(ascii: "$"), UInt8(ascii: "$")): index += 2
            case (UInt8(ascii: "$"), UInt8(ascii: "{")):
                open.append(index)
                index += 2
            case (UInt8(ascii: "}"), _):
                if let start = open.popLast() {
                    ends[start] = index
                }
                index += 1
            default: index += 1
            }
        }
        return ends
    }
}
