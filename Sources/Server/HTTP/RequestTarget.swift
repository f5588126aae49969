/// The target of a request (RFC 9112, 3.2): its path and its query, whether the client sent the path alone or, as for a
/// proxy, a whole URL.
package struct RequestTarget: Equatable, Sendable {
    /// Begins with a slash, unless the target is `*` or the authority of CONNECT.
    package let path: Substring
    /// After the question mark; nil without one.
    package let query: Substring?

    /// - Parameter target: as in the request line.
    package init(_ target: String) {
        let whole = target.prefix { $0 != "#" }
        let mark = whole.firstIndex(of: "?") ?? whole.endIndex
        path = Self.path(of: whole[..<mark])
        query = mark < whole.endIndex ? whole[whole.index(after: mark)...] : nil
    }

    /// Without scheme and authority; `/` for a URL without a path.
    private static func path(of text: Substring) -> Substring {
        if text.utf8.first == UInt8(ascii: "/") { return text }
        let schemes: [StaticString] = ["http://", "https://"]
        guard
            let scheme = schemes.first(where: { text.prefix($0.utf8CodeUnitCount).equalsIgnoringASCIICase($0) })
        else { return text }
        let path = text.dropFirst(scheme.utf8CodeUnitCount).drop { $0 != "/" }
        return path.isEmpty ? "/" : path
    }
}
