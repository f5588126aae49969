package import NIOSSL

/// The content of the files of some `TLSSettings`.
package struct TLSMaterials: Equatable, Sendable {
    /// PEM text and its name in messages.
    private struct Loaded: Equatable, Sendable {
        let name: String
        let bytes: [UInt8]
    }

    private var certificate: Loaded?
    private var key: Loaded?
    private var trusted: Loaded?

    /// Reads the files. Blocks.
    package init(of settings: TLSSettings) throws(TLSFault) {
        try readIdentity(of: settings)
        try readTrusted(of: settings)
    }

    /// The known materials, or else those that are read now.
    init(_ known: TLSMaterials?, of settings: TLSSettings) throws(TLSFault) {
        if let known { self = known } else { try self.init(of: settings) }
    }

    /// Reloads certificate and key; nothing has changed when it throws.
    package mutating func readIdentity(of settings: TLSSettings) throws(TLSFault) {
        let certificate = try Self.load(settings.certificate, .certificate)
        key = try Self.load(settings.key, .key)
        self.certificate = certificate
    }

    /// Reloads the trusted authorities; nothing has changed when it throws.
    package mutating func readTrusted(of settings: TLSSettings) throws(TLSFault) {
        trusted = try Self.load(settings.trusted, .trusted)
    }

    /// The certificate of this side; nil if there is none.
    package func leaf() throws(TLSFault) -> NIOSSLCertificate? {
        guard let certificate else { return nil }
        return try Self.certificates(certificate, .certificate).first
    }

    /// Certificate and key; nil if there are none.
    func identity() throws(TLSFault) -> (chain: [NIOSSLCertificate], key: NIOSSLPrivateKey)? {
        guard let certificate, let key else { return nil }
        return (try Self.certificates(certificate, .certificate), try Self.privateKey(key))
    }

    /// The trusted authorities; nil if the settings have none.
    func roots() throws(TLSFault) -> [NIOSSLCertificate]? {
        guard let trusted else { return nil }
        return try Self.certificates(trusted, .trusted)
    }

    private static func load(_ material: TLSSettings.Material?, _ part: TLSFault.Part) throws(TLSFault) -> Loaded? {
        switch material {
        case nil: return nil
        case .text(let text): return Loaded(name: "the text", bytes: Array(text.utf8))
        case .file(let path):
            do {
                return Loaded(name: path, bytes: try CredentialFile.bytes(of: path))
            } catch {
                throw TLSFault(part, error.message)
            }
        }
    }

    private static func certificates(_ pem: Loaded, _ part: TLSFault.Part) throws(TLSFault) -> [NIOSSLCertificate] {
        guard contains(pem.bytes, "-----BEGIN ") else {
            throw TLSFault(part, "\(pem.name) is not PEM; expected -----BEGIN CERTIFICATE-----")
        }
        guard contains(pem.bytes, "CERTIFICATE-----") else {
            throw TLSFault(part, "\(pem.name) contains no certificate")
        }
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMBytes(pem.bytes)
        } catch {
            throw TLSFault(part, "\(pem.name) has a malformed certificate")
        }
        guard !certificates.isEmpty else { throw TLSFault(part, "\(pem.name) contains no certificate") }
        return certificates
    }

    private static func privateKey(_ pem: Loaded) throws(TLSFault) -> NIOSSLPrivateKey {
        guard contains(pem.bytes, "-----BEGIN ") else {
            throw TLSFault(.key, "\(pem.name) is not PEM; expected -----BEGIN PRIVATE KEY-----")
        }
        guard contains(pem.bytes, "PRIVATE KEY-----") else {
            throw TLSFault(.key, "\(pem.name) contains no private key")
        }
        // A library might prompt for a passphrase at a terminal.
        guard !contains(pem.bytes, "ENCRYPTED") else {
            throw TLSFault(.key, "\(pem.name) has a key with a passphrase; remove it, as `openssl pkey` does")
        }
        do {
            return try NIOSSLPrivateKey(bytes: pem.bytes, format: .pem)
        } catch {
            throw TLSFault(.key, "\(pem.name) has a malformed private key")
        }
    }

    private static func contains(_ bytes: [UInt8], _ text: StaticString) -> Bool {
        text.withUTF8Buffer { wanted in
            bytes.indices.contains { bytes[$0] == wanted[0] && bytes[$0...].starts(with: wanted) }
        }
    }
}
