package import Credentials
internal import NIOCore
internal import NIOSSL

/// Encrypts connections to servers. Thread-safe.
package final class ClientTLS: Sendable {
    private let source: TLSContextSource
    private let serverName: String?

    /// Reads certificates and keys: this blocks.
    /// - Parameters:
    ///   - protocols: names for ALPN.
    ///   - verifiesServer: whether the server's certificate is verified.
    ///   - serverName: the name that its certificate must have; nil: the host's.
    package init(
        _ settings: TLSSettings, protocols: [String], verifiesServer: Bool, serverName: String?
    ) throws(TLSFault) {
        source = try TLSContextSource(settings, clientProtocols: protocols, verifiesServer: verifiesServer)
        self.serverName = serverName
    }

    /// Reads the files again; new connections use their content. Blocks; not to be called by two threads at once.
    /// - Returns: whether the content has changed.
    /// - Throws: why the content is invalid; the old content stays in use.
    package func reload() throws(TLSFault) -> Bool { try source.reload(identity: true, trusted: true) }

    /// Adds the TLS handler to a connection's pipeline, on the connection's event loop.
    func prepare(_ channel: any Channel, host: String) throws {
        let name = ServerName.sent(to: serverName ?? host)
        try channel.pipeline.syncOperations.addHandler(
            NIOSSLClientHandler(context: source.context, serverHostname: name))
    }
}
