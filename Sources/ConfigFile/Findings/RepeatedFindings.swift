extension [ConfigFinding] {
    /// The number of places from which the same message is one line.
    private static var repetitionLimit: Int { 3 }
    /// Places that such a line names besides the first; the rest is counted.
    private static var namedPlaces: Int { 19 }

    /// A line for each finding, in their order; the same message in several places is one line that names the places.
    package var lines: [String] {
        let byMessage = Dictionary(grouping: self, by: \.message)
        var told: Set<String> = []
        return compactMap { finding in
            guard let same = byMessage[finding.message], same.count >= Self.repetitionLimit else {
                return finding.description
            }
            guard told.insert(finding.message).inserted else { return nil }
            let others = same.dropFirst()
            let named = others.prefix(Self.namedPlaces).map { $0.place(besides: finding) }
            let rest = others.count - named.count
            let more = rest > 0 ? " and \(rest) more" : ""
            return "\(finding.description); the same for \(named.joined(separator: ", "))\(more)"
        }
    }
}

extension ConfigFinding {
    /// `key.path (line 7)`, with the file if it is another one.
    fileprivate func place(besides other: ConfigFinding) -> String {
        guard let position, position.line > 0 else { return path.isEmpty ? "the whole file" : path }
        let line = position.file == other.position?.file ? "line \(position.line)" : "\(position)"
        return path.isEmpty ? line : "\(path) (\(line))"
    }
}
