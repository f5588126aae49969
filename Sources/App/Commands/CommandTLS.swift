internal import ConfigFile
internal import Credentials
internal import NIOCore
internal import NIOSSL

/// TLS of a command's connections to servers.
struct CommandTLS: Sendable {
    /// How the server's certificate is verified.
    enum Trust {
        /// Not at all.
        case anybody
        /// By these authorities and the host name; nil: the system's.
        case authorities(file: String?)
        /// It must equal the certificate of this listener in the configuration.
        case listener(TLSConfig)
    }

    private let context: NIOSSLContext
    /// The certificate of the listener in the configuration.
    private let expected: NIOSSLCertificate?

    /// Reads certificates and keys: this blocks.
    init(_ arguments: ClientArguments, trust: Trust) throws(TLSFault) {
        var settings = TLSSettings(
            certificate: arguments.certFile.map { .file($0) }, key: arguments.keyFile.map { .file($0) })
        var verifiesServer = true
        switch trust {
        case .anybody:
            verifiesServer = false
            expected = nil
        case .authorities(let file):
            settings.trusted = file.map { .file($0) }
            expected = nil
        case .listener(let config):
            let own = TLSSettings(config)
            expected = try TLSMaterials(of: own).leaf()
            // The system's authorities are not used here, and may not even exist.
            settings.trusted = own.certificate
            (settings.minimumVersion, settings.maximumVersion) = (.v10, own.maximumVersion)
        }
        context = try settings.clientContext(protocols: ["http/1.1"], verifiesServer: verifiesServer)
    }

    /// The first handler of a channel's pipeline.
    func handler(host: String) throws -> NIOSSLClientHandler {
        let name = ServerName.sent(to: host)
        guard let expected else { return try NIOSSLClientHandler(context: context, serverHostname: name) }
        return try NIOSSLClientHandler(
            context: context, serverHostname: name,
            customVerificationCallback: { chain, promise in
                promise.succeed(chain.first == expected ? .certificateVerified : .failed)
            })
    }
}
