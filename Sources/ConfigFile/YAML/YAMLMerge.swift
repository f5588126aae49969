extension YAMLNode {
    /// This configuration merged with a later one, as in the Collector: mappings are merged key by key, everything else
    /// (lists and null, too) is replaced.
    func overlaid(by later: YAMLNode) -> YAMLNode {
        guard case .mapping(let base) = content, case .mapping(let over) = later.content else {
            return later
        }
        var entries = base
        let places = Dictionary(uniqueKeysWithValues: base.enumerated().map { ($1.key, $0) })
        for entry in over {
            if let place = places[entry.key] {
                let value = entries[place].value.overlaid(by: entry.value)
                entries[place] = YAMLEntry(key: entry.key, keyPosition: entry.keyPosition, value: value)
            } else {
                entries.append(entry)
            }
        }
        return .mapping(entries, at: later.position)
    }
}
