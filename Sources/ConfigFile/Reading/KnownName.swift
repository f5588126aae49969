/// A key or component type of the Collector's configuration, and its support here.
struct KnownName {
    enum Standing {
        /// It is read.
        case read
        /// Accepted, with a note that says what it does not do.
        case passive(String)
        /// It would change or protect data, so ignoring it would be wrong: the start is refused, unless the value is
        /// one of these, which match what happens anyway. Empty lists and mappings are always accepted.
        case notSupportedYet(unless: [String] = [])
        /// It cannot work here: the start is refused, with the reason and what to write instead.
        case refused(String)

        /// Accepted, with a note that says why it has no effect.
        static func noEffect(_ reason: String) -> Standing { .passive("has no effect: \(reason)") }

        /// Accepted, with a note that says why it has no effect in this version.
        static func noEffectYet(_ reason: String) -> Standing { .passive("has no effect yet: \(reason)") }
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

    /// The suggestion for an unknown name: the nearest of all names, or else a list of those that are read.
    /// - Parameter listsPassive: whether names without effect are listed, too.
    func suggestion(for name: String, listsPassive: Bool = false) -> String {
        let listed = filter { name in
            switch name.standing {
            case .read: true
            case .passive: listsPassive
            case .notSupportedYet, .refused: false
            }
        }
        return ConfigFile.suggestion(for: name, in: map(\.name), listing: listed.map(\.name))
    }
}
