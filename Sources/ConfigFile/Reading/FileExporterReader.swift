/// Reads one `exporters.file`.
struct FileExporterReader {
    private static let keys = [
        KnownName("path"), KnownName("append"), KnownName("rotation"), KnownName("format"),
        KnownName("encoding", .notSupportedYet()), KnownName("compression", .notSupportedYet(unless: [""])),
        KnownName("flush_interval", .noEffect("has no effect: every export is written at once")),
        KnownName("group_by", .notSupportedYet()),
        KnownName("create_directory", .notSupportedYet(unless: ["false"])),
        KnownName("directory_permissions", .noEffect("has no effect: no directory is made")),
    ]

    private static let rotationKeys = ["max_megabytes", "max_days", "max_backups", "localtime"].map { name in
        name == "localtime"
            ? KnownName(name, .noEffect("has no effect: old files are named by the time in UTC")) : KnownName(name)
    }

    let component: DefinedComponent
    let findings: Findings

    /// Nil if it names no file, which the findings then say.
    func read() -> ForwardConfig? {
        let section = component.section(findings)
        section?.check(Self.keys)
        guard let section, let path = section.text("path"), !path.isEmpty else {
            if section?.entry("path")?.value.text != nil || section?.entry("path") == nil {
                findings.mistake(
                    section?.position ?? component.position, component.path,
                    "path is missing; write the path of a file such as /var/log/otlp.json")
            }
            return nil
        }
        var config = FileExporterConfig(path: path)
        config.format = section.choice("format", FileExportFormat.self) ?? config.format
        config.appends = section.flag("append") ?? config.appends
        if let rotation = section.section("rotation") {
            rotation.check(Self.rotationKeys)
            var settings = FileRotationConfig()
            settings.megabytes = rotation.integer("max_megabytes", in: 1...1_000_000) ?? settings.megabytes
            settings.days = rotation.integer("max_days", in: 0...100_000) ?? settings.days
            settings.backups = rotation.integer("max_backups", in: 0...100_000) ?? settings.backups
            config.rotation = settings
            if config.appends, let entry = section.entry("append") {
                findings.mistake(
                    entry.value.position, section.path.key("append"),
                    "a file that rotates goes on with what is there anyway; remove append")
            }
        }
        return ForwardConfig(name: component.id.description, target: .file(config))
    }
}
