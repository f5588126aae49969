/// Names of Claude Code's events: `claude_code.<name>` in the body, `<name>` in the attribute.
enum EventName {
    static let scope = Array("com.anthropic.claude_code".utf8)
    private static let prefix = Array("claude_code.".utf8)

    static func isPrefixed(_ text: UnsafeRawBufferPointer) -> Bool {
        text.count > prefix.count && text.starts(with: prefix)
    }

    static func bare(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        isPrefixed(text) ? UnsafeRawBufferPointer(rebasing: text[prefix.count...]) : text
    }
}

/// The source of a request.
enum QuerySource {
    private static let main = Array("main".utf8)
    private static let subagent = Array("subagent".utf8)
    private static let auxiliary = Array("auxiliary".utf8)
    private static let mainLoops = ["repl_main_thread", "sdk", "main"].map { Array($0.utf8) }
    private static let agents = ["agent:", "subagent"].map { Array($0.utf8) }

    /// The value as on the metrics: main (the user's own loop), subagent, or auxiliary (requests of the client itself:
    /// titles, summaries, compaction).
    static func kind(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        if agents.contains(where: { text.starts(with: $0) }) { return subagent }
        let head = text.prefix { $0 != UInt8(ascii: ":") }
        return mainLoops.contains { head.elementsEqual($0) } ? main : auxiliary
    }
}
