/// Users and their passwords, from lines `user:password` in the format of Apache's `htpasswd`.
package struct PasswordTable: Sendable {
    private var hashes: [String: PasswordHash] = [:]
    /// Messages about ignored lines; without anything of a password.
    package private(set) var remarks: [String] = []

    package init() {}

    /// Adds the lines of a text; an existing user gets the later password.
    /// - Parameter name: the name of the text in remarks.
    package mutating func add(_ text: [UInt8], name: String) {
        for (index, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let line = Self.trimmed(line)
            guard !line.isEmpty else { continue }
            let place = "line \(index + 1) of \(name)"
            guard let text = String(validating: line, as: UTF8.self), let colon = text.utf8.firstIndex(of: 0x3A) else {
                // Comments are usual, although the format does not define them.
                if line.first != UInt8(ascii: "#") { remarks.append("\(place) is no user:password and is ignored") }
                continue
            }
            let user = String(text[..<colon])
            do throws(CredentialFault) {
                hashes[user] = try PasswordHash(String(text[text.utf8.index(after: colon)...]))
            } catch {
                // Otherwise a password of an earlier text would stay valid.
                hashes[user] = nil
                remarks.append("\(place) is ignored: \(error.message)")
            }
        }
    }

    /// Whether there are no users.
    package var isEmpty: Bool { hashes.isEmpty }

    /// Whether some passwords are slow to verify.
    package var hasSlowHashes: Bool { hashes.values.contains(where: \.isSlow) }

    /// The password hash of a user; nil if the user is unknown.
    package subscript(user: String) -> PasswordHash? { hashes[user] }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        while let first = line.first, first <= 0x20 { line.removeFirst() }
        while let last = line.last, last <= 0x20 { line.removeLast() }
        return line
    }
}
