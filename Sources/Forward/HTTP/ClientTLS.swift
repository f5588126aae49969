package import Credentials
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// Encrypts connections to servers. Thread-safe.
package final class ClientTLS: Sendable {
    private struct State {
        var materials: TLSMaterials
        var context: NIOSSLContext
    }

    private let settings: TLSSettings
    private let protocols: [String]
    private let verifiesServer: Bool
    private let serverName: String?
    private let state: Mutex<State>

    /// Reads certificates and keys: this blocks.
    /// - Parameters:
    ///   - protocols: names for ALPN.
    ///   - verifiesServer: whether a server has to prove who it is.
    ///   - serverName: the name that its certificate must have; nil: the host's.
    package init(
        _ settings: TLSSettings, protocols: [String], verifiesServer: Bool, serverName: String?
    ) throws(TLSFault) {
        self.settings = settings
        self.protocols = protocols
        self.verifiesServer = verifiesServer
        self.serverName = serverName
        let materials = try TLSMaterials(of: settings)
        let context = try settings.clientContext(
            protocols: protocols, verifiesServer: verifiesServer, materials: materials)
        state = Mutex(State(materials: materials, context: context))
    }

    /// Reads the files anew: connections from then on go by what they hold. Blocks; not to be called by two threads at
    /// once.
    /// - Returns: whether they hold something else than before.
    /// - Throws: what is wrong; connections are then made as before.
    package func reload() throws(TLSFault) -> Bool {
        let former = state.withLock { $0.materials }
        let materials = try TLSMaterials(of: settings)
        guard materials != former else { return false }
        let context = try settings.clientContext(
            protocols: protocols, verifiesServer: verifiesServer, materials: materials)
        state.withLock { $0 = State(materials: materials, context: context) }
        return true
    }

    /// Adds what encrypts a connection to its pipeline, on the connection's event loop.
    func prepare(_ channel: any Channel, host: String) throws {
        let name = serverName ?? host
        // An address is no name to send; the certificate is checked against it all the same.
        let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
        let context = state.withLock { $0.context }
        try channel.pipeline.syncOperations.addHandler(
            NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : name))
    }
}
