/// Collects the findings of the readers of one configuration. Not shared between threads.
final class Findings {
    /// Mistakes reported at once; the rest is counted. Default 20.
    static let mistakeLimit = 20
    /// Notes kept; further ones are dropped. Default 50.
    static let noteLimit = 50

    private(set) var mistakes: [ConfigFinding] = []
    private(set) var omittedCount = 0
    private(set) var notes: [ConfigFinding] = []
    /// Notes that may explain a mistake: they are reported with the mistakes.
    private var hints: [ConfigFinding] = []

    var hasMistakes: Bool {
        !mistakes.isEmpty
    }

    var mistakeCount: Int {
        mistakes.count + omittedCount
    }

    /// Further mistakes are only counted.
    var isFull: Bool {
        mistakes.count >= Self.mistakeLimit
    }

    /// The message is only made when there is room for it.
    func mistake(_ position: SourcePosition?, _ path: ConfigPath, _ message: @autoclosure () -> String) {
        guard !isFull else {
            omittedCount += 1
            return
        }
        mistakes.append(ConfigFinding(position: position, path: path.description, message: message()))
    }

    func mistake(_ finding: ConfigFinding) {
        guard !isFull else {
            omittedCount += 1
            return
        }
        mistakes.append(finding)
    }

    func note(_ position: SourcePosition?, _ path: ConfigPath, _ message: @autoclosure () -> String) {
        guard notes.count < Self.noteLimit else {
            return
        }
        notes.append(ConfigFinding(position: position, path: path.description, message: message()))
    }

    /// A note that is also reported when there are mistakes.
    func hint(_ position: SourcePosition?, _ path: ConfigPath, _ message: @autoclosure () -> String) {
        guard notes.count < Self.noteLimit else {
            return
        }
        let finding = ConfigFinding(position: position, path: path.description, message: message())
        notes.append(finding)
        hints.append(finding)
    }

    /// Throws all mistakes, sorted by file and line, if there are any. `files` gives the order of the files.
    func throwMistakes(files: [String]) throws(ConfigFailure) {
        guard hasMistakes else {
            return
        }
        let order = Dictionary(files.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let sorted = (mistakes + hints).enumerated().sorted { left, right in
            sortKey(left, order) < sortKey(right, order)
        }
        throw ConfigFailure(mistakes: sorted.map(\.element), omittedCount: omittedCount)
    }

    private func sortKey(
        _ entry: (offset: Int, element: ConfigFinding), _ order: [String: Int]
    ) -> (Int, Int, Int, Int) {
        let position = entry.element.position
        let file = position.flatMap { order[$0.file] } ?? Int.max
        return (file, position?.line ?? 0, position?.column ?? 0, entry.offset)
    }
}
