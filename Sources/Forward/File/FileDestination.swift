/// A file that exports are written to.
package struct FileDestination: Sendable, Equatable {
    /// How an export is written.
    package enum Format: Sendable, Equatable {
        /// One line of JSON.
        case json
        /// The message behind its length, 4 bytes big-endian.
        case protobuf
    }

    /// When a new file begins, and which old ones stay.
    package struct Rotation: Sendable, Equatable {
        /// Bytes from which on a new file begins. Default 100 MB.
        package var bytesLimit: Int
        /// Seconds after which old files are removed; 0: never for their age.
        package var ageLimit: Int
        /// Old files that stay; 0: all.
        package var backupsLimit: Int

        package init(bytesLimit: Int, ageLimit: Int, backupsLimit: Int) {
            self.bytesLimit = bytesLimit
            self.ageLimit = ageLimit
            self.backupsLimit = backupsLimit
        }
    }

    package var path: String
    package var format: Format
    /// Whether a file that is there goes on; otherwise it begins empty. One that rotates always goes on.
    package var appends: Bool
    /// nil: the file grows without end.
    package var rotation: Rotation?

    package init(path: String, format: Format, appends: Bool, rotation: Rotation?) {
        self.path = path
        self.format = format
        self.appends = appends
        self.rotation = rotation
    }
}
