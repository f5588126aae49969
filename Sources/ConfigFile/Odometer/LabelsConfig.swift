package import Settings

/// `odometer.labels`: which labels are shown, left out or hashed, on all Prometheus exporters (docs/labels.md).
package struct LabelsConfig: Equatable, Sendable {
    /// `preset`: built-in sets of rules.
    package var presets: [LabelPreset] = []
    /// `keep`, `drop` and `hash`; each name once.
    package var given: [LabelRule] = []
    /// `user`: attribute keys; the first one that a point has becomes the label `user`; empty for none. Nil: not given.
    package var givenUser: [String]?
    /// `salt`: the key of the hashes. Nil: a generated one in the state directory.
    package var salt: String?

    package init() {}

    /// All rules; the first match is used. Those of the configuration come before those of presets, names before
    /// patterns, longer patterns before shorter ones.
    package var rules: [LabelRule] {
        // Rules that are equally narrow keep their order.
        let sorted = given.enumerated().sorted {
            $0.element.isNarrower(than: $1.element)
                || !$1.element.isNarrower(than: $0.element) && $0.offset < $1.offset
        }
        return sorted.map(\.element) + presets.flatMap(\.rules)
    }

    /// The attributes of the label `user`; empty: there is no such label.
    package var user: [String] { givenUser ?? (presets.contains(.team) ? UserAttributes.all : []) }

    /// Whether any value is hashed.
    package var hashes: Bool { rules.contains { $0.action == .hash } }
}

extension LabelRule {
    /// Narrower rules come before wider ones.
    fileprivate func isNarrower(than other: LabelRule) -> Bool {
        let (isName, otherIsName) = (!label.contains("*"), !other.label.contains("*"))
        return isName == otherIsName ? label.utf8.count > other.label.utf8.count : isName
    }
}

/// `odometer.labels.preset`.
package enum LabelPreset: String, Equatable, Sendable, CaseIterable {
    /// No mail address is shown.
    case `private`
    /// Series by user and not by session.
    case team

    var rules: [LabelRule] {
        switch self {
        case .private: [LabelRule(label: "*mail*", action: .hash)]
        case .team: [LabelRule(label: "session_id", action: .drop)]
        }
    }
}
