/// `odometer.state`: what survives a restart, and how soon.
package struct StateSettings: SettingGroup {
    /// The state directory. It is created (mode 0700) if missing; its parent must exist. Empty: nothing is kept, a
    /// restart begins at zero.
    package var path = "odometer-data"
    /// Whether the configuration names the path; the default path may turn out not to be writable.
    package var isPathGiven = false
    /// A power failure loses at most what was accepted within this time; zero syncs before every response.
    package var syncInterval = Duration.seconds(1)
    /// How often changed series are written and their journal is removed.
    package var checkpointInterval = Duration.seconds(30)
    /// Bytes of journal files since the last checkpoint (estimated) after which the next one is due.
    package var maxJournal = 64 << 20
    /// Bytes of exports that wait for the disk; beyond it 503.
    package var maxBacklog = 64 << 20

    package init() {}

    /// Nothing is kept.
    package static let memoryOnly = StateSettings {
        $0.path = ""
        $0.isPathGiven = true
    }

    package static let keys: [Key<StateSettings>] = [
        .text("path", \.givenPath),
        .duration("sync_interval", \.syncInterval),
        .duration("checkpoint_interval", \.checkpointInterval, atLeast: Ranges.shortestTimeout),
        .bytes("max_journal", \.maxJournal, in: Ranges.memory),
        .bytes("max_backlog", \.maxBacklog, in: Ranges.memory),
    ]

    /// The path, which is given once it is set.
    private var givenPath: String {
        get { path }
        set {
            path = newValue
            isPathGiven = true
        }
    }
}
