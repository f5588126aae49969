/// Where the journal lives and how far it may go. Every limit is in bytes or as its name says.
package struct JournalSettings: Sendable, Equatable {
    /// The state directory. It is made (mode 0700) when it is missing; its parent has to exist.
    package var path: String

    /// A power cut loses at most what was committed within this time. Default 1 s; zero syncs every commit before its
    /// outcome is told.
    package var syncInterval: Duration

    /// Bytes that may be queued and not yet committed; `append` refuses beyond. Default 64 MiB.
    package var backlogLimit: Int

    /// Bytes of journal files since the last checkpoint (estimated) after which `JournalEvent.checkpointDue` is told.
    package var journalLimit: Int

    /// A group is closed at this many bytes; only a single larger entry makes a larger one. Default 1 MiB.
    package var groupLimit: Int

    /// The SQLite virtual file system to use, or nil for the platform's own. Tests inject disk faults here.
    package var fileSystemName: String?

    package init(
        path: String, syncInterval: Duration = .seconds(1), backlogLimit: Int = 64 << 20, journalLimit: Int = 64 << 20,
        groupLimit: Int = 1 << 20, fileSystemName: String? = nil
    ) {
        self.path = path
        self.syncInterval = syncInterval
        self.backlogLimit = backlogLimit
        self.journalLimit = journalLimit
        self.groupLimit = groupLimit
        self.fileSystemName = fileSystemName
    }
}
