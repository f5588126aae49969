/// One `exporters.file`: the file that exports are written to.
package struct FileExporterSettings: SettingGroup {
    /// Never empty.
    package var path = ""
    /// How an export is written.
    package var format = FileExportFormat.json
    /// Whether a file that is there goes on; otherwise it begins empty. One that rotates always goes on.
    package var append = false
    /// Nil: the file grows without end.
    package var rotation: FileRotationSettings?

    package init() {}

    package static let keys: [Key<FileExporterSettings>] = [
        .text("path", \.path),
        .choice("format", \.format),
        .flag("append", \.append),
    ]
}

/// `format` of a file exporter.
package enum FileExportFormat: String, Equatable, Sendable, CaseIterable {
    /// One JSON object a line for each export.
    case json
    /// The protobuf message of each export behind its length, 4 bytes big-endian.
    case proto
}

/// `rotation` of a file exporter: when a new file begins, and which old ones stay.
package struct FileRotationSettings: SettingGroup {
    /// Megabytes (1,000,000 bytes) from which on a new file begins.
    package var maxMegabytes = 100
    /// Old files are removed after so many days; 0: never for their age.
    package var maxDays = 0
    /// Old files that stay; 0: all.
    package var maxBackups = 100

    package init() {}

    package static let keys: [Key<FileRotationSettings>] = [
        .count("max_megabytes", \.maxMegabytes, in: 1...1_000_000),
        .count("max_days", \.maxDays, in: 0...100_000),
        .count("max_backups", \.maxBackups, in: 0...100_000),
    ]
}
