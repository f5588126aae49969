package import Settings

/// Where the journal is stored and its limits.
package struct JournalSettings: Sendable, Equatable {
    /// From the configuration.
    package var state: StateSettings

    /// A group is closed at this many bytes; only a single larger entry makes a larger one. Default 1 MiB.
    package var groupLimit: Int

    /// The SQLite virtual file system to use, or nil for the platform's own. Tests inject disk faults here.
    package var fileSystemName: String?

    package init(_ state: StateSettings, groupLimit: Int = 1 << 20, fileSystemName: String? = nil) {
        self.state = state
        self.groupLimit = groupLimit
        self.fileSystemName = fileSystemName
    }
}
