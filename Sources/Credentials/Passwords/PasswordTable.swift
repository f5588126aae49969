/// Who may come in with which password, from lines `user:password` as Apache's `htpasswd` writes them.
package struct PasswordTable: Sendable {
    private var hashes: [String: PasswordHash] = [:]
    /// What is to be said about lines that count for nothing; nothing of a password is in it.
    package private(set) var remarks: [String] = []

    package init() {}

    /// Adds the lines of a text; a user who is there already gets the later password.
    /// - Parameter name: what remarks call the text.
    package mutating func add(_ text: [UInt8], name: String) {
        for (index, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let line = Self.trimmed(line)
            guard !line.isEmpty else { continue }
            let place = "line \(index + 1) of \(name)"
            guard let text = String(validating: line, as: UTF8.self), let colon = text.utf8.firstIndex(of: 0x3A) else {
                // Comments are usual, although the format knows none.
                if line.first != UInt8(ascii: "#") { remarks.append("\(place) is no user:password and is ignored") }
                continue
            }
            let user = String(text[..<colon])
            do throws(CredentialFault) {
                hashes[user] = try PasswordHash(String(text[text.utf8.index(after: colon)...]))
            } catch {
                // Without this, a password of an earlier text would go on to count.
                hashes[user] = nil
                remarks.append("\(place) is ignored: \(error.message)")
            }
        }
    }

    /// Nobody may come in.
    package var isEmpty: Bool { hashes.isEmpty }

    /// Whether some passwords take long to check.
    package var hasSlowHashes: Bool { hashes.values.contains(where: \.isSlow) }

    /// What the password of a user is compared with; nil for somebody unknown.
    package subscript(user: String) -> PasswordHash? { hashes[user] }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        while let first = line.first, first <= 0x20 { line.removeFirst() }
        while let last = line.last, last <= 0x20 { line.removeLast() }
        return line
    }
}
