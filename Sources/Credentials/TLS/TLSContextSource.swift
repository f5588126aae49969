package import NIOSSL
private import Synchronization

/// The TLS context for the next connection of a listener or to a server; replaced when its files change. Thread-safe.
package final class TLSContextSource: Sendable {
    private struct State {
        var materials: TLSMaterials
        var context: NIOSSLContext
    }

    private let settings: TLSSettings
    private let make: @Sendable (TLSMaterials) throws(TLSFault) -> NIOSSLContext
    private let state: Mutex<State>

    /// For a listener. Reads the files and creates the first context. Blocks.
    /// - Parameter protocols: names for ALPN, most preferred first.
    /// - Throws: what is wrong, and with which setting.
    package convenience init(_ settings: TLSSettings, protocols: [String]) throws(TLSFault) {
        try self.init(settings) { materials throws(TLSFault) in
            try settings.serverContext(protocols: protocols, materials: materials)
        }
    }

    /// The same for connections to servers.
    /// - Parameter verifiesServer: whether the server's certificate is verified.
    package convenience init(
        _ settings: TLSSettings, clientProtocols protocols: [String], verifiesServer: Bool
    ) throws(TLSFault) {
        try self.init(settings) { materials throws(TLSFault) in
            try settings.clientContext(protocols: protocols, verifiesServer: verifiesServer, materials: materials)
        }
    }

    private init(
        _ settings: TLSSettings, make: @escaping @Sendable (TLSMaterials) throws(TLSFault) -> NIOSSLContext
    ) throws(TLSFault) {
        self.settings = settings
        self.make = make
        let materials = try TLSMaterials(of: settings)
        state = Mutex(State(materials: materials, context: try make(materials)))
    }

    /// The context for the next connection.
    package var context: NIOSSLContext { state.withLock { $0.context } }

    /// Reloads files and, if their content has changed, creates a context. Blocks; not to be called by two threads at
    /// once.
    /// - Parameters:
    ///   - identity: whether certificate and key are reloaded.
    ///   - trusted: whether the authorities for certificates of the other side are reloaded.
    /// - Returns: whether there is a new context.
    /// - Throws: what is wrong; the old context stays in use.
    package func reload(identity: Bool, trusted: Bool) throws(TLSFault) -> Bool {
        let former = state.withLock { $0.materials }
        var materials = former
        if identity { try materials.readIdentity(of: settings) }
        if trusted { try materials.readTrusted(of: settings) }
        guard materials != former else { return false }
        let context = try make(materials)
        state.withLock { $0 = State(materials: materials, context: context) }
        return true
    }
}
