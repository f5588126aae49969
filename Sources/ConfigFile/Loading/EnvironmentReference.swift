/// The text between `${` and `}`: `env:NAME`, `env:NAME:-default` or `NAME`.
struct EnvironmentReference {
    let name: String
    /// The default after `:-`; it may be empty.
    let fallback: [UInt8]?
    /// Why it cannot be replaced, or nil.
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
            problem = "\(quoted(name)) is not a valid name of an environment variable; write $$ for a single $"
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
            return "${\(scheme):...} is not supported; write the value, or ${env:NAME}"
        }
        if isName(scheme.utf8), text.utf8.dropFirst(scheme.utf8.count).starts(with: ":-".utf8) {
            return "a default needs the long form; write ${env:\(printable(text))}"
        }
        return "unknown source \(quoted(scheme)); write ${env:NAME}"
    }
}
