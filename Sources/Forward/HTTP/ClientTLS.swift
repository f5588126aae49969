package import Credentials
internal import NIOCore
internal import NIOSSL

/// Encrypts connections to servers.
package struct ClientTLS: Sendable {
    private let context: NIOSSLContext
    private let serverName: String?

    /// Reads certificates and keys: this blocks.
    /// - Parameters:
    ///   - protocols: names for ALPN.
    ///   - verifiesServer: whether a server has to prove who it is.
    ///   - serverName: the name that its certificate must have; nil: the host's.
    package init(
        _ settings: TLSSettings, protocols: [String], verifiesServer: Bool, serverName: String?
    ) throws(TLSFault) {
        context = try settings.clientContext(protocols: protocols, verifiesServer: verifiesServer)
        self.serverName = serverName
    }

    /// Adds what encrypts a connection to its pipeline, on the connection's event loop.
    func prepare(_ channel: any Channel, host: String) throws {
        let name = serverName ?? host
        // An address is no name to send; the certificate is checked against it all the same.
        let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
        try channel.pipeline.syncOperations.addHandler(
            NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : name))
    }
}
