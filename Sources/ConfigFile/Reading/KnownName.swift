/// A key or component type of the Collector's configuration, and what this version makes of it.
struct KnownName {
    enum Standing {
        /// It is read.
        case read
        /// It is taken, with a note that says why it changes nothing.
        case noEffect(String)
        /// It would change or protect data, so that ignoring it would be wrong: the start is refused, unless the value
        /// is one of these, which ask for what happens anyway. Empty lists and mappings never ask for anything.
        case notSupportedYet(unless: [String] = [])
        /// It would do what cannot be right here: the start is refused, with why and what to write instead.
        case refused(String)
    }

    let name: String
    let standing: Standing

    init(_ name: String, _ standing: Standing = .read) {
        self.name = name
        self.standing = standing
    }
}

extension [KnownName] {
    subscript(name: String) -> KnownName? {
        first { $0.name == name }
    }

    /// What to write instead of an unknown name: the nearest of all names, or else one of those that are read.
    /// - Parameter listsPassive: whether those that have no effect are listed too.
    func suggestion(for name: String, listsPassive: Bool = false) -> String {
        let listed = filter { name in
            switch name.standing {
            case .read: true
            case .noEffect: listsPassive
            case .notSupportedYet, .refused: false
            }
        }
        return ConfigFile.suggestion(for: name, in: map(\.name), listing: listed.map(\.name))
    }
}
