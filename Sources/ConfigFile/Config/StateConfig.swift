/// `odometer.state`: what survives a restart, and how soon.
package struct StateConfig: Equatable, Sendable {
    /// `path`: the state directory; empty: nothing is kept, a restart begins at zero. Default `./odometer-data`.
    package var path = "odometer-data"
    /// Whether the configuration names the path; one that is only the default may turn out not to be writable.
    package var isPathGiven = false
    /// `sync_interval`: a power cut loses at most what was accepted within this time. Default 1 s; 0 syncs before every
    /// answer.
    package var syncInterval: Duration = .seconds(1)
    /// `checkpoint_interval`: how often changed series are written and their journal is dropped. Default 30 s.
    package var checkpointInterval: Duration = .seconds(30)
    /// `max_journal`: bytes of exports after which a checkpoint is written early. Default 64 MiB.
    package var journalLimit = 64 << 20
    /// `max_backlog`: bytes of exports that wait for the disk; beyond it 503. Default 64 MiB.
    package var backlogLimit = 64 << 20

    package init() {}

    /// Nothing is kept.
    package static let memoryOnly: StateConfig = {
        var config = StateConfig()
        config.path = ""
        config.isPathGiven = true
        return config
    }()
}
