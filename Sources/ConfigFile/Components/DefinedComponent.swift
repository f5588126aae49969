/// A component that the configuration defines.
struct DefinedComponent {
    let id: ComponentID
    let path: ConfigPath
    let position: SourcePosition
    let settings: YAMLNode

    /// The components of one category, in the order of the configuration. Unknown ones and ones that are not supported
    /// are reported as mistakes but included, so that their names in pipelines are not reported again.
    static func read(_ category: ComponentCategory, in root: Section) -> [DefinedComponent] {
        guard let section = root.section(category.key) else {
            return []
        }
        var components: [DefinedComponent] = []
        var misspelt: [DefinedComponent] = []
        var names: Set<ComponentID> = []
        for entry in section.entries {
            let path = section.path.key(entry.key)
            guard let id = ComponentID(entry.key) else {
                root.findings.mistake(
                    entry.keyPosition, path, "invalid name of \(category.article); write TYPE or TYPE/NAME")
                continue
            }
            guard names.insert(id).inserted else {
                root.findings.mistake(entry.keyPosition, path, "defined twice")
                continue
            }
            category.check(id, path, entry.keyPosition, root.findings)
            components.append(
                DefinedComponent(id: id, path: path, position: entry.keyPosition, settings: entry.value))
            if !root.findings.isFull, let meant = category.nearest(to: id) {
                misspelt.append(
                    DefinedComponent(id: meant, path: path, position: entry.keyPosition, settings: entry.value))
            }
        }
        // A misspelt type is one mistake, and not another one wherever it is spelt correctly.
        components += misspelt.filter { names.insert($0.id).inserted }
        return components
    }

    /// Its settings; nil if there are none.
    func section(_ findings: Findings) -> Section? {
        Section(settings, path: path, findings: findings)
    }
}

extension ComponentCategory {
    /// `a receiver`, `an exporter`.
    var article: String {
        "\(singular.hasPrefix("e") ? "an" : "a") \(singular)"
    }

    /// The key that lists the running components.
    private var users: String { key == Self.extensions.key ? "service.extensions" : "the pipelines" }

    fileprivate func check(_ id: ComponentID, _ path: ConfigPath, _ position: SourcePosition, _ findings: Findings) {
        switch types[id.type]?.standing {
        case .read: break
        case .passive(let note): findings.note(position, path, note)
        case .notSupportedYet:
            findings.mistake(
                position, path,
                "the \(singular) \(quoted(id.type)) is not supported; remove it here and from \(users)")
        case .refused(let reason): findings.mistake(position, path, reason)
        case nil:
            let advice = home(of: id.type).map { "it is \($0.article); write it under \($0.key)" }
            findings.mistake(
                position, path,
                "unknown \(singular) type \(quoted(id.type)); \(advice ?? types.suggestion(for: id.type, listsPassive: true))"
            )
        }
    }

    /// The other category that has this type.
    func home(of type: String) -> ComponentCategory? {
        [.receivers, .processors, .exporters, .extensions, .connectors].first { $0.key != key && $0.types[type] != nil }
    }

    /// The component that a misspelt one probably means.
    fileprivate func nearest(to id: ComponentID) -> ComponentID? {
        guard types[id.type] == nil, let type = nearestName(to: id.type, in: types.map(\.name)) else {
            return nil
        }
        return ComponentID(id.name.map { "\(type)/\($0)" } ?? type)
    }
}
