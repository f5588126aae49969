internal import NIOCore
internal import OTLP

/// A server's message beside a status, in any form: a `google.rpc.Status`, whose type many servers get wrong, text, or
/// an HTML page.
enum ServerMessage {
    /// Characters of a message, or of one of its reasons. 200.
    private static let limit = 200
    /// Reasons of a message that are reported. 5.
    private static let reasonsLimit = 5
    /// A text is treated as binary if more than one in this many characters is not printable. 8.
    private static let strangeShare = 8
    /// Characters of text that are examined. 64 Ki.
    private static let textLimit = 64 << 10

    /// The message as received; empty if there is none.
    static func text(in body: ByteBuffer) -> String {
        guard body.readableBytes > 0 else { return "" }
        if let message = body.withUnsafeReadableBytes({ RPCStatus.message(in: $0) }) { return message }
        let text = String(decoding: body.readableBytesView.prefix(textLimit), as: UTF8.self)
        let head = text.unicodeScalars.prefix(limit)
        // Text may contain escape sequences of a terminal.
        let strange = head.count { $0 == "\u{FFFD}" || ($0.value < 0x20 && !$0.properties.isWhitespace) }
        guard strange * strangeShare <= head.count else {
            return "(\(body.readableBytes) bytes that are not text)"
        }
        return text.drop { $0.isWhitespace }.hasPrefix("<") ? withoutTags(text) : text
    }

    /// One line of bounded length; of a message that gives several reasons, the beginning of each.
    static func printable(_ text: String) -> String {
        let reasons = reasons(in: text)
        guard reasons.count > 1 else { return line(text) }
        let told = reasons.prefix(reasonsLimit).map(line).joined(separator: "; ")
        return reasons.count > reasonsLimit ? "\(told); and \(reasons.count - reasonsLimit) more" : told
    }

    /// The parts of a message that each say `N errors like:`, as Loki writes them.
    static func reasons(in text: String) -> [String] {
        var reasons: [String] = []
        for part in text.split(separator: "; ") {
            if reasons.isEmpty || errorCount(in: part) != nil {
                reasons.append(String(part))
            } else {
                reasons[reasons.count - 1] += "; " + part
            }
        }
        return reasons
    }

    /// The number in `N errors like: …`, `N error like: …` or `N errors: …` at the beginning of a text.
    static func errorCount(in text: Substring) -> Int? {
        let text = text.drop { $0.isWhitespace }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let rest = text[digits.endIndex...]
        guard rest.hasPrefix(" error like:") || rest.hasPrefix(" errors like:") || rest.hasPrefix(" errors:") else {
            return nil
        }
        return Int(digits)
    }

    private static func line(_ text: String) -> String {
        let words = text.split {
            $0.isWhitespace || $0.unicodeScalars.contains { $0.properties.generalCategory == .control }
        }
        let line = words.joined(separator: " ")
        return line.count > limit ? line.prefix(limit) + "..." : line
    }

    private static func withoutTags(_ page: String) -> String {
        var text = ""
        var isInTag = false
        for character in page {
            switch character {
            case "<":
                isInTag = true
                text.append(" ")
            case ">" where isInTag: isInTag = false
            case _ where !isInTag: text.append(character)
            default: break
            }
        }
        return text
    }
}
