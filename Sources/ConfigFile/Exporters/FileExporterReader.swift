internal import Settings

/// Reads one `exporters.file`.
struct FileExporterReader {
    private static let keys = [
        KnownName("rotation"),
        KnownName("encoding", .notSupportedYet()), KnownName("compression", .notSupportedYet(unless: [""])),
        KnownName("flush_interval", .noEffect("every export is written at once")),
        KnownName("group_by", .notSupportedYet()),
        KnownName("create_directory", .notSupportedYet(unless: ["false"])),
        KnownName("directory_permissions", .noEffect("no directory is created")),
    ]

    private static let rotationKeys = [
        KnownName("localtime", .noEffect("rotated files are named by the time in UTC"))
    ]

    let component: DefinedComponent
    let findings: Findings

    /// Nil if it names no file; that is in the findings.
    func read() -> ForwardConfig? {
        let section = component.section(findings)
        var settings = FileExporterSettings()
        section?.read(into: &settings, besides: Self.keys)
        guard let section, !settings.path.isEmpty else {
            if section?.entry("path")?.value.text != nil || section?.entry("path") == nil {
                findings.mistake(
                    section?.position ?? component.position, component.path,
                    "path is missing; write the path of a file such as /var/log/otlp.json")
            }
            return nil
        }
        if let rotation = section.section("rotation") {
            settings.rotation = FileRotationSettings { rotation.read(into: &$0, besides: Self.rotationKeys) }
            if settings.append, let entry = section.entry("append") {
                findings.mistake(
                    entry.value.position, section.path.key("append"),
                    "not supported with rotation, which always appends; remove append")
            }
        }
        return ForwardConfig(name: component.id.description, target: .file(settings))
    }
}
