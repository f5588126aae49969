/// Damage or loss found at a start. The start continues without it; the caller logs and counts each.
package struct RecoveryFinding: Sendable, Equatable, CustomStringConvertible {
    /// What was found; a closed list for a metric's label.
    package enum Kind: String, Sendable {
        /// The state file is damaged; it was set aside and its valid records were copied.
        case stateDamaged = "state_damaged"
        /// Records of the state are lost. `count` is their number, as far as known.
        case recordsLost = "records_lost"
        /// A journal file is damaged; it was set aside and its valid groups were used.
        case journalDamaged = "journal_damaged"
        /// Acknowledged exports are lost. `count` is their number.
        case entriesLost = "entries_lost"
        /// The small file with the last committed number is damaged: a loss at the journal's end cannot be detected
        /// this time.
        case markDamaged = "mark_damaged"
    }

    package let kind: Kind

    /// The number of records or exports; 0 if unknown.
    package let count: UInt64

    /// The file, or its new name.
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
