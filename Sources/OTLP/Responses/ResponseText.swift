/// Bounds messages to senders (R-HTTP-19): the text may quote what the sender sent.
package enum ResponseText {
    /// Default limit of a message in bytes: 4 KiB, so that a response with the message in it twice and every character
    /// escaped stays far below the recommended 4 MiB.
    package static let defaultLimit = 4096

    /// `text` without NUL, at which many a client would end it, and cut at a character boundary to at most `bytes` bytes
    /// of UTF-8, including the ellipsis.
    package static func bounded(_ text: String, bytes: Int) -> String {
        let text = text.utf8.contains(0) ? String(text.unicodeScalars.filter { $0 != "\0" }.map(Character.init)) : text
        guard text.utf8.count > bytes else { return text }
        let ellipsis = "…"
        var end = text.utf8.index(text.startIndex, offsetBy: max(0, bytes - ellipsis.utf8.count))
        while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return String(text[..<end]) + (bytes >= ellipsis.utf8.count ? ellipsis : "")
    }
}
