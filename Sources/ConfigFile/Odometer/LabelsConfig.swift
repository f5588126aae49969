package import Settings

/// `odometer.labels`: which labels are shown, left out or hashed, on all Prometheus exporters (docs/labels.md).
package struct LabelsConfig: Equatable, Sendable {
    /// What is done with the labels whose name matches.
    package struct Rule: Equatable, Sendable {
        /// A name as Prometheus shows it, `*` standing for any run of characters, none included.
        package var label: String
        package var action: LabelAction

        package init(label: String, action: LabelAction) {
            self.label = label
            self.action = action
        }

        /// Rules that mean less come before those that mean more.
        static func isNarrower(_ left: Rule, _ right: Rule) -> Bool {
            let (leftIsName, rightIsName) = (!left.label.contains("*"), !right.label.contains("*"))
            return leftIsName == rightIsName ? left.label.utf8.count > right.label.utf8.count : leftIsName
        }
    }

    /// `preset`: sets of rules that are there already.
    package var presets: [LabelPreset] = []
    /// `keep`, `drop` and `hash`; each name once.
    package var given: [Rule] = []
    /// `user`: keys of attributes, the first of which that a point has becomes the label `user`; empty for none. Nil: not
    /// given.
    package var givenUser: [String]?
    /// `salt`: the secret of hashes. Nil: the program has one in its state directory.
    package var salt: String?

    package init() {}

    /// Who a point of Claude Code is of, the best first; `user: true`.
    package static let defaultUser = ["user.email", "user.account_id", "user.account_uuid", "user.id"]

    /// All rules; the first that matches counts. Those of the configuration come before those of presets, names before
    /// patterns, longer patterns before shorter ones.
    package var rules: [Rule] {
        // Of rules as narrow as each other the one that stands first stays first.
        let sorted = given.enumerated().sorted {
            Rule.isNarrower($0.element, $1.element)
                || !Rule.isNarrower($1.element, $0.element) && $0.offset < $1.offset
        }
        return sorted.map(\.element) + presets.flatMap(\.rules)
    }

    /// The attributes that the label `user` is made of; empty: there is no such label.
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
