package import NIOSSL
private import Synchronization

/// The context that the next connection is made with, a listener's or one to a server; renewed when its files change.
/// Thread-safe.
package final class TLSContextSource: Sendable {
    private struct State {
        var materials: TLSMaterials
        var context: NIOSSLContext
    }

    private let settings: TLSSettings
    private let make: @Sendable (TLSMaterials) throws(TLSFault) -> NIOSSLContext
    private let state: Mutex<State>

    /// For a listener. Reads the files and makes the first context. Blocks.
    /// - Parameter protocols: names for ALPN, the most wanted first.
    /// - Throws: what is wrong, and with which setting.
    package convenience init(_ settings: TLSSettings, protocols: [String]) throws(TLSFault) {
        try self.init(settings) { materials throws(TLSFault) in
            try settings.serverContext(protocols: protocols, materials: materials)
        }
    }

    /// For connections to servers, otherwise the same.
    /// - Parameter verifiesServer: whether a server has to prove who it is.
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

    /// What the next connection is made with.
    package var context: NIOSSLContext { state.withLock { $0.context } }

    /// Reads files anew and, when they hold something else, makes a context of them. Blocks; not to be called by two
    /// threads at once.
    /// - Parameters:
    ///   - identity: whether certificate and key are read.
    ///   - trusted: whether the authorities are read that sign the certificates of the other side.
    /// - Returns: whether there is a new context.
    /// - Throws: what is wrong; connections are then made as before.
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
