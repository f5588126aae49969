/// Reads one `extensions.basicauth`.
struct BasicAuthReader {
    let component: DefinedComponent
    let findings: Findings

    /// Nil after a mistake, which is in the findings.
    func read() -> BasicAuthConfig? {
        let advice = "write htpasswd: {file: PATH} or htpasswd: {inline: \"user:password\"}"
        guard let section = component.section(findings) else {
            if component.settings.isNull {
                findings.mistake(component.position, component.path, "has no credentials; \(advice)")
            }
            return nil
        }
        section.check([KnownName("htpasswd"), KnownName("client_auth")])
        let server = section.section("htpasswd")
        let client = section.section("client_auth")
        switch (server, client) {
        case (.some, .some(let client)):
            findings.mistake(
                client.position, client.path,
                "htpasswd is set too; write two extensions, one for listeners and one for exporters")
            return nil
        case (.some(let server), nil): return htpasswd(server).map { .server($0) }
        case (nil, .some(let client)): return .client(clientAuth(client))
        case (nil, nil):
            if section.entry("htpasswd") == nil, section.entry("client_auth") == nil {
                findings.mistake(component.position, component.path, "has no credentials; \(advice)")
            }
            return nil
        }
    }

    private func htpasswd(_ section: Section) -> HtpasswdConfig? {
        section.check([KnownName("file"), KnownName("inline")])
        let file = section.secretFile("file")
        let inline = section.text("inline").flatMap { $0.isEmpty ? nil : $0 }
        guard file != nil || inline != nil else {
            findings.mistake(
                section.position, section.path, "has no users; write file: PATH or inline: \"user:password\"")
            return nil
        }
        let entry = inline == nil ? nil : section.entry("inline")
        return HtpasswdConfig(
            file: file, inline: inline, position: entry?.value.position ?? section.position,
            path: (entry == nil ? section.path : section.path.key("inline")).description)
    }

    private func clientAuth(_ section: Section) -> ClientAuthConfig {
        section.check([
            KnownName("username"), KnownName("username_file"), KnownName("password"), KnownName("password_file"),
            KnownName("aws_secrets_manager", .notSupportedYet()),
        ])
        let config = ClientAuthConfig(
            username: section.text("username") ?? "", usernameFile: section.secretFile("username_file"),
            password: section.text("password") ?? "", passwordFile: section.secretFile("password_file"))
        if config.username.utf8.contains(UInt8(ascii: ":")), let entry = section.entry("username") {
            findings.mistake(
                entry.value.position, section.path.key("username"),
                "a user name must not contain a colon (RFC 7617); remove it")
        }
        return config
    }
}

extension Section {
    /// A file with a secret; nil if the key is absent or empty.
    func secretFile(_ key: String) -> SecretFileConfig? {
        guard let file = text(key), !file.isEmpty, let entry = entry(key) else {
            return nil
        }
        return SecretFileConfig(file: file, position: entry.value.position, path: path.key(key).description)
    }
}
