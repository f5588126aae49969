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
    ///   - verifiesServer: whether a server has to prove who it is.
    ///   - serverName: the name that its certificate must have; nil: the host's.
    package init(
        _ settings: TLSSettings, protocols: [String], verifiesServer: Bool, serverName: String?
    ) throws(TLSFault) {
        source = try TLSContextSource(settings, clientProtocols: protocols, verifiesServer: verifiesServer)
        self.serverName = serverName
    }

    /// Reads the files anew: connections from then on go by what they hold. Blocks; not to be called by two threads at
    /// once.
    /// - Returns: whether they hold something else than before.
    /// - Throws: what is wrong; connections are then made as before.
    package func reload() throws(TLSFault) -> Bool { try source.reload(identity: true, trusted: true) }

    /// Adds what encrypts a connection to its pipeline, on the connection's event loop.
    func prepare(_ channel: any Channel, host: String) throws {
        let name = serverName ?? host
        // An address is no name to send; the certificate is checked against it all the same.
        let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
        try channel.pipeline.syncOperations.addHandler(
            NIOSSLClientHandler(context: source.context, serverHostname: isAddress ? nil : name))
    }
}
