package import Settings

/// `odometer.labels`: which labels are shown, left out or hashed, on all Prometheus exporters (docs/labels.md).
package struct LabelsConfig: Equatable, Sendable {
    /// The action for labels with a matching name.
    package struct Rule: Equatable, Sendable {
        /// A label name of Prometheus, `*` standing for any number of characters.
        package var label: String
        package var action: LabelAction

        package init(label: String, action: LabelAction) {
            self.label = label
            self.action = action
        }

        /// Narrower rules come before wider ones.
        static func isNarrower(_ left: Rule, _ right: Rule) -> Bool {
            let (leftIsName, rightIsName) = (!left.label.contains("*"), !right.label.contains("*"))
            return leftIsName == rightIsName ? left.label.utf8.count > right.label.utf8.count : leftIsName
        }
    }

    /// `preset`: built-in sets of rules.
    package var presets: [LabelPreset] = []
    /// `keep`, `drop` and `hash`; each name once.
    package var given: [Rule] = []
    /// `user`: attribute keys; the first one that a point has becomes the label `user`; empty for none. Nil: not given.
    package var givenUser: [String]?
    /// `salt`: the key of the hashes. Nil: a generated one in the state directory.
    package var salt: String?

    package init() {}

    /// `user: true`: the attributes that identify the user of a point of Claude Code, the best first.
    package static let defaultUser = ["user.email", "user.account_id", "user.account_uuid", "user.id"]

    /// All rules; the first match is used. Those of the configuration come before those of presets, names before
    /// patterns, longer patterns before shorter ones.
    package var rules: [Rule] {
        // Rules that are equally narrow keep their order.
        let sorted = given.enumerated().sorted {
            Rule.isNarrower($0.element, $1.element)
                || !Rule.isNarrower($1.element, $0.element) && $0.offset < $1.offset
        }
        return sorted.map(\.element) + presets.flatMap(\.rules)
    }

    /// The attributes of the label `user`; empty: there is no such label.
    package var user: [String] { givenUser ?? (presets.contains(.team) ? Self.defaultUser : []) }

    /// Whether any value is hashed.
    package var hashes: Bool { rules.contains { $0.action == .hash } }
}

/// `odometer.labels.preset`.
package enum LabelPreset: String, Equatable, Sendable, CaseIterable {
    /// No mail address is shown.
    case `private`
    /// Series by user and not by session.
    case team

    var rules: [LabelsConfig.Rule] {
        switch self {
        case .private: [LabelsConfig.Rule(label: "*mail*", action: .hash)]
        case .team: [LabelsConfig.Rule(label: "session_id", action: .drop)]
        }
    }
}
