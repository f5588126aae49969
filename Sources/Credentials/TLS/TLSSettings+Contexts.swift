internal import NIOCore
package import NIOSSL

/// Creates contexts: this takes milliseconds, and reading files blocks.
extension TLSSettings {
    /// The context of a listener.
    /// - Parameters:
    ///   - protocols: names for ALPN, most preferred first.
    ///   - materials: content of the files; nil: they are read.
    /// - Throws: what is wrong, and with which setting; nothing is left open.
    package func serverContext(
        protocols: [String], materials: TLSMaterials? = nil
    ) throws(TLSFault) -> NIOSSLContext {
        let materials = try TLSMaterials(materials, of: self)
        guard let identity = try materials.identity() else {
            throw TLSFault(.certificate, "a server needs a certificate and a key")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: identity.chain.map { .certificate($0) }, privateKey: .privateKey(identity.key))
        if let roots = try materials.roots() {
            configuration.certificateVerification = .noHostnameVerification
            trust(roots, in: &configuration)
            // Tells clients with several certificates which one to present.
            configuration.sendCANameList = true
        }
        return try context(configuration, protocols: protocols)
    }

    /// The context for connections to servers.
    /// - Parameters:
    ///   - protocols: names for ALPN, most preferred first.
    ///   - verifiesServer: whether the server's certificate is verified; false accepts any certificate.
    ///   - materials: content of the files; nil: they are read.
    /// - Throws: what is wrong, and with which setting; nothing is left open.
    package func clientContext(
        protocols: [String], verifiesServer: Bool = true, materials: TLSMaterials? = nil
    ) throws(TLSFault) -> NIOSSLContext {
        let materials = try TLSMaterials(materials, of: self)
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let identity = try materials.identity() {
            configuration.certificateChain = identity.chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(identity.key)
        }
        if !verifiesServer { configuration.certificateVerification = .none }
        if let roots = try materials.roots() { trust(roots, in: &configuration) }
        return try context(configuration, protocols: protocols)
    }

    private func trust(_ roots: [NIOSSLCertificate], in configuration: inout TLSConfiguration) {
        configuration.trustRoots = addsSystemRoots ? .default : .certificates(roots)
        configuration.additionalTrustRoots = addsSystemRoots ? [.certificates(roots)] : []
    }

    private func context(
        _ base: TLSConfiguration, protocols: [String]
    ) throws(TLSFault) -> NIOSSLContext {
        var configuration = base
        configuration.applicationProtocols = protocols
        configuration.renegotiationSupport = .none
        // The longest wait for the other side's close notification.
        configuration.shutdownTimeout = .seconds(1)
        try setVersionsAndSuites(&configuration)
        if !curves.isEmpty {
            var chosen: [NIOTLSCurve] = []
            for name in curves {
                guard let curve = TLSNames.curve(name) else {
                    throw TLSFault(.curves, "the curve \(name) is not supported")
                }
                chosen.append(curve)
            }
            configuration.curves = chosen
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch NIOSSLError.failedToLoadPrivateKey {
            throw TLSFault(.key, "the key does not belong to the certificate")
        } catch NIOSSLError.failedToLoadCertificate {
            throw TLSFault(.certificate, "a certificate has a key of a type that is not supported")
        } catch {
            // The rest of the file was checked before.
            guard configuration.trustRoots == .default else { throw TLSFault(.all, "cannot be used: \(error)") }
            throw TLSFault(.trusted, "the certificate authorities of the system cannot be read; set ca_file")
        }
    }

    private func setVersionsAndSuites(_ configuration: inout TLSConfiguration) throws(TLSFault) {
        guard minimumVersion <= maximumVersion else {
            throw TLSFault(.versions, "min_version is above max_version")
        }
        var minimum = minimumVersion
        var suites = TLSNames.defaultSuites
        if !cipherSuites.isEmpty {
            suites = []
            for name in cipherSuites where !TLSNames.version13Suites.contains(name) {
                guard let suite = TLSNames.suite(name) else {
                    throw TLSFault(.cipherSuites, "the cipher suite \(name) is not supported")
                }
                suites.append(suite)
            }
            if suites.isEmpty {
                // TLS 1.2 and below are excluded.
                guard maximumVersion == .v13 else {
                    throw TLSFault(.cipherSuites, "no cipher suite is left for TLS \(maximumVersion.name) and below")
                }
                minimum = .v13
                suites = TLSNames.defaultSuites
            }
        }
        configuration.minimumTLSVersion = minimum.value
        configuration.maximumTLSVersion = maximumVersion.value
        configuration.cipherSuiteValues = suites
    }
}

extension TLSSettings.Version {
    fileprivate var value: TLSVersion {
        switch self {
        case .v10: .tlsv1
        case .v11: .tlsv11
        case .v12: .tlsv12
        case .v13: .tlsv13
        }
    }

    fileprivate var name: String { "1.\(rawValue)" }
}
