/// One `exporters.file`: the file that exports are written to.
package struct FileExporterSettings: SettingGroup {
    /// Never empty.
    package var path = ""
    /// How an export is written.
    package var format = FileExportFormat.json
    /// Whether an existing file is appended to; otherwise it is truncated. A file that rotates is always appended to.
    package var append = false
    /// Nil: no rotation.
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
    /// The protobuf message of each export after its length, 4 bytes big-endian.
    case proto
}

/// `rotation` of a file exporter: when a new file begins, and which old files stay.
package struct FileRotationSettings: SettingGroup {
    /// Megabytes (1,000,000 bytes) after which a new file begins.
    package var maxMegabytes = 100
    /// Old files are removed after this many days; 0: never because of age.
    package var maxDays = 0
    /// Number of old files that stay; 0: all.
    package var maxBackups = 100

    package init() {}

    package static let keys: [Key<FileRotationSettings>] = [
        .count("max_megabytes", \.maxMegabytes, in: 1...1_000_000),
        .count("max_days", \.maxDays, in: 0...100_000),
        .count("max_backups", \.maxBackups, in: 0...100_000),
    ]
}
