internal import ConfigFile
internal import Logging

/// One line of the log.
struct LogLine {
    let time: LogTime
    let level: Logger.Level
    let message: String
    /// Sorted by key; the keys are unique.
    let fields: [(key: String, value: Logger.Metadata.Value)]

    init(time: LogTime, level: Logger.Level, message: String, metadata: Logger.Metadata) {
        self.time = time
        self.level = level
        self.message = message
        fields = metadata.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
    }

    /// The line with its end.
    func bytes(as encoding: LogEncoding) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(160)
        switch encoding {
        case .console: appendConsole(to: &line)
        case .json: appendJSON(to: &line)
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// The level as `service.telemetry.logs.level` spells it.
    private var levelName: String {
        level == .warning ? "warn" : level.rawValue
    }

    /// `TIME LEVEL MESSAGE key=value key="two words"`.
    private func appendConsole(to line: inout [UInt8]) {
        line += "\(time.text) \(levelName) ".utf8
        LogText.appendEscaped(message, to: &line)
        for (key, value) in fields {
            line.append(UInt8(ascii: " "))
            if LogText.isBare(key) {
                LogText.appendEscaped(key, to: &line)
            } else {
                LogText.appendQuoted(key, to: &line)
            }
            line.append(UInt8(ascii: "="))
            let text = Self.text(of: value)
            if LogText.isBare(text) {
                LogText.appendEscaped(text, to: &line)
            } else {
                LogText.appendQuoted(text, to: &line)
            }
        }
    }

    /// `{"time":TIME,"level":LEVEL,"message":MESSAGE,"key":VALUE}`; values are text.
    private func appendJSON(to line: inout [UInt8]) {
        line += "{\"time\":\"\(time.text)\",\"level\":\"\(levelName)\",\"message\":".utf8
        LogText.appendQuoted(message, to: &line)
        for (key, value) in fields {
            line.append(UInt8(ascii: ","))
            // A key must not occur twice in an object.
            LogText.appendQuoted(["time", "level", "message"].contains(key) ? "\(key)_" : key, to: &line)
            line.append(UInt8(ascii: ":"))
            LogText.appendQuoted(Self.text(of: value), to: &line)
        }
        line.append(UInt8(ascii: "}"))
    }

    private static func text(of value: Logger.Metadata.Value) -> String {
        switch value {
        case .string(let text): text
        case .stringConvertible(let value): value.description
        case .array, .dictionary: "\(value)"
        }
    }
}
