/// Something that a start found damaged or missing. The start goes on without it; the caller logs and counts each.
package struct RecoveryFinding: Sendable, Equatable, CustomStringConvertible {
    /// What was found, a closed list for a metric's label.
    package enum Kind: String, Sendable {
        /// The state file is damaged; it was moved aside and what is right was copied from it.
        case stateDamaged = "state_damaged"
        /// Records of the state are lost. `count` is how many, as far as it is known.
        case recordsLost = "records_lost"
        /// A journal file is damaged; it was moved aside and what is right was copied from it.
        case journalDamaged = "journal_damaged"
        /// Acknowledged exports are lost. `count` says how many.
        case entriesLost = "entries_lost"
        /// The small file that remembers the last committed number is damaged: a loss at the journal's end cannot be
        /// told this time.
        case markDamaged = "mark_damaged"
    }

    package let kind: Kind

    /// How many are concerned; 0 when that is unknown.
    package let count: UInt64

    /// The file, or where it was moved.
    package let path: String

    /// One sentence for the log.
    package let description: String

    package init(kind: Kind, count: UInt64, path: String, description: String) {
        self.kind = kind
        self.count = count
        self.path = path
        self.description = description
    }
}
