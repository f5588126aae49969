internal import ConfigFile
internal import Credentials
internal import NIOCore
internal import NIOSSL

/// Encrypts what a command says to a server.
struct CommandTLS: Sendable {
    /// Whom the command believes.
    enum Trust {
        /// Whoever answers.
        case anybody
        /// Who shows a certificate of these authorities, for the name that was asked; nil: the system's.
        case authorities(file: String?)
        /// Who shows the certificate that the configuration names for this listener.
        case listener(TLSConfig)
    }

    private let context: NIOSSLContext
    /// The certificate that a listener of the configuration shows.
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
            // The system's authorities have no say here, and may not even be there.
            settings.trusted = own.certificate
            (settings.minimumVersion, settings.maximumVersion) = (.v10, own.maximumVersion)
        }
        context = try settings.clientContext(protocols: ["http/1.1"], verifiesServer: verifiesServer)
    }

    /// What stands first in a channel's pipeline.
    func handler(host: String) throws -> NIOSSLClientHandler {
        // An address is no name to send; a certificate is checked against it all the same.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        let name = isAddress ? nil : host
        guard let expected else { return try NIOSSLClientHandler(context: context, serverHostname: name) }
        return try NIOSSLClientHandler(
            context: context, serverHostname: name,
            customVerificationCallback: { chain, promise in
                promise.succeed(chain.first == expected ? .certificateVerified : .failed)
            })
    }
}
