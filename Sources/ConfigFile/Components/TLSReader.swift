/// Reads `tls` of a listener or of an exporter that sends (the Collector's configtls).
struct TLSReader {
    /// The side that uses it, which decides which settings are required.
    enum Side {
        case server
        case client
    }

    private static let commonKeys =
        [
            "ca_file", "ca_pem", "cert_file", "cert_pem", "key_file", "key_pem", "include_system_ca_certs_pool",
            "min_version", "max_version", "cipher_suites", "include_insecure_cipher_suites", "curve_preferences",
            "reload_interval", "tpm",
        ].map { KnownName($0) }

    /// Bounded, so that a timer does not run all the time.
    private static let shortestReload = Duration.seconds(1)

    let section: Section
    let side: Side

    private var findings: Findings { section.findings }

    /// The result is valid only if there are no mistakes in the findings afterwards.
    func read() -> TLSConfig {
        section.check(Self.commonKeys + sideKeys)
        var config = TLSConfig(position: section.position, path: section.path.description)
        config.certificate = material("cert_file", "cert_pem")
        config.key = material("key_file", "key_pem")
        readTrust(into: &config)
        config.addsSystemRoots = section.flag("include_system_ca_certs_pool") ?? false
        readVersions(into: &config)
        config.cipherSuites = suites(highest: config.maximumVersion)
        config.curves = names(
            "curve_preferences", known: TLSNames.curves, listed: TLSNames.curves, what: "curve")
        config.reloadInterval = reloadInterval()
        if let tpm = section.section("tpm") {
            tpm.check(["enabled", "path", "owner_auth", "auth"].map { KnownName($0) })
            if tpm.flag("enabled") ?? false {
                findings.mistake(
                    tpm.position, tpm.path, "keys in a trusted platform module are not supported; write key_file")
            }
        }
        if side == .client {
            config.isInsecure = section.flag("insecure") ?? false
            config.skipsVerification = section.flag("insecure_skip_verify") ?? false
            config.serverName = section.text("server_name_override").flatMap { $0.isEmpty ? nil : $0 }
        }
        checkIdentity(config)
        return config
    }

    private var sideKeys: [KnownName] {
        switch side {
        case .server: ["client_ca_file", "client_ca_file_reload"].map { KnownName($0) }
        case .client: ["insecure", "insecure_skip_verify", "server_name_override"].map { KnownName($0) }
        }
    }

    private func readTrust(into config: inout TLSConfig) {
        let authorities = material("ca_file", "ca_pem")
        switch side {
        case .client: config.trusted = authorities
        case .server:
            config.trusted = material("client_ca_file", nil)
            config.reloadsTrusted = section.flag("client_ca_file_reload") ?? false
            if let authorities {
                findings.note(
                    authorities.position, section.path,
                    "ca_file and ca_pem have no effect on a server; client_ca_file requires client certificates"
                )
            }
            if config.reloadsTrusted, config.trusted == nil, let entry = section.entry("client_ca_file_reload") {
                findings.mistake(
                    entry.value.position, section.path.key(entry.key),
                    "client_ca_file is missing; write it or remove this")
            }
        }
    }

    /// Empty text is the same as none, as in the Collector.
    private func material(_ fileKey: String, _ textKey: String?) -> TLSConfig.Material? {
        let file = content(fileKey) { .file($0) }
        let text = textKey.flatMap { content($0) { .text($0) } }
        if file != nil, let text, let textKey {
            findings.mistake(
                text.position, section.path.key(textKey), "\(fileKey) is set too; write only one of them")
        }
        return file ?? text
    }

    private func content(_ key: String, _ make: (String) -> TLSConfig.Material.Content) -> TLSConfig.Material? {
        guard let text = section.text(key), !text.isEmpty, let entry = section.entry(key) else {
            return nil
        }
        return TLSConfig.Material(
            make(text), position: entry.value.position, path: section.path.key(key).description)
    }

    private func checkIdentity(_ config: TLSConfig) {
        switch (config.certificate, config.key) {
        case (.some, .some): break
        // A mistake in a value was already reported.
        case (.some, nil) where hasValue("key_file") || hasValue("key_pem"): break
        case (nil, .some) where hasValue("cert_file") || hasValue("cert_pem"): break
        case (.some(let certificate), nil):
            findings.mistake(
                certificate.position, section.path, "the certificate has no key; write key_file or key_pem")
        case (nil, .some(let key)):
            findings.mistake(key.position, section.path, "the key has no certificate; write cert_file or cert_pem")
        case (nil, nil):
            guard side == .server, !["cert_file", "cert_pem", "key_file", "key_pem"].contains(where: hasValue) else {
                return
            }
            findings.mistake(
                section.position, section.path, "a server needs a certificate and its key; write cert_file and key_file"
            )
        }
    }

    private func hasValue(_ key: String) -> Bool {
        section.entry(key).map { $0.value.text?.isEmpty != true } ?? false
    }

    private func readVersions(into config: inout TLSConfig) {
        config.minimumVersion = version("min_version") ?? config.minimumVersion
        config.maximumVersion = version("max_version") ?? config.maximumVersion
        let order = TLSVersion.allCases
        guard let lowest = order.firstIndex(of: config.minimumVersion),
            let highest = order.firstIndex(of: config.maximumVersion), lowest > highest
        else {
            return
        }
        let entry = section.entry("max_version") ?? section.entry("min_version")
        findings.mistake(
            entry?.value.position ?? section.position, section.path,
            "min_version \(config.minimumVersion.rawValue) is above max_version \(config.maximumVersion.rawValue); write a lower one"
        )
    }

    private func version(_ key: String) -> TLSVersion? {
        guard section.text(key)?.isEmpty == false else {
            return nil
        }
        return section.choice(key, TLSVersion.self)
    }

    private func suites(highest: TLSVersion) -> [String] {
        let allowsInsecure = section.flag("include_insecure_cipher_suites") ?? false
        let given = names(
            "cipher_suites", known: TLSNames.suites + TLSNames.insecureSuites, listed: TLSNames.suites,
            what: "cipher suite")
        if !allowsInsecure, let entry = section.entry("cipher_suites"),
            let insecure = given.first(where: TLSNames.insecureSuites.contains)
        {
            findings.mistake(
                entry.value.position, section.path.key(entry.key),
                "\(insecure) is insecure; remove it, or write include_insecure_cipher_suites: true")
        }
        if highest != .v13, !given.isEmpty, given.allSatisfy(TLSNames.version13Suites.contains),
            let entry = section.entry("cipher_suites")
        {
            findings.mistake(
                entry.value.position, section.path.key(entry.key),
                "all of them need TLS 1.3, which max_version excludes; add others, or remove max_version")
        }
        return given
    }

    /// The supported elements of a list; the others are mistakes.
    private func names(_ key: String, known: [String], listed: [String], what: String) -> [String] {
        let path = section.path.key(key)
        return (section.list(key) ?? []).enumerated().compactMap { index, node in
            guard let name = node.text, known.contains(name) else {
                let advice = suggestion(for: node.text ?? "", in: known, listing: listed)
                findings.mistake(
                    node.position, path.index(index), "\(node.kind) is not a supported \(what); \(advice)")
                return nil
            }
            return name
        }
    }

    private func reloadInterval() -> Duration? {
        guard let interval = section.duration("reload_interval"), interval > .zero,
            let entry = section.entry("reload_interval")
        else {
            return nil
        }
        if interval < Self.shortestReload {
            findings.note(
                entry.value.position, section.path.key(entry.key), "files are reloaded at most once per second")
        }
        return max(interval, Self.shortestReload)
    }
}

/// The names that `cipher_suites` and `curve_preferences` may contain.
private enum TLSNames {
    static let version13Suites = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]

    static let suites =
        version13Suites + [
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
        ]

    /// Without forward secrecy. Go's other insecure suites are not supported.
    static let insecureSuites = [
        "TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_CBC_SHA",
        "TLS_RSA_WITH_AES_256_CBC_SHA",
    ]

    static let curves = ["X25519", "P256", "P384", "P521", "X25519MLKEM768"]
}
