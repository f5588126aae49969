package import NIOSSL
private import Synchronization

/// The context that a listener's next connection is made with; renewed when its files change. Thread-safe.
package final class TLSContextSource: Sendable {
    private struct State {
        var materials: TLSMaterials
        var context: NIOSSLContext
    }

    private let settings: TLSSettings
    private let protocols: [String]
    private let state: Mutex<State>

    /// Reads the files and makes the first context. Blocks.
    /// - Parameter protocols: names for ALPN, the most wanted first.
    /// - Throws: what is wrong, and with which setting.
    package init(_ settings: TLSSettings, protocols: [String]) throws(TLSFault) {
        self.settings = settings
        self.protocols = protocols
        let materials = try TLSMaterials(of: settings)
        state = Mutex(
            State(
                materials: materials,
                context: try settings.serverContext(protocols: protocols, materials: materials)))
    }

    /// What the next connection is made with.
    package var context: NIOSSLContext { state.withLock { $0.context } }

    /// Reads files anew and, when they hold something else, makes a context of them. Blocks; not to be called by two
    /// threads at once.
    /// - Parameters:
    ///   - identity: whether certificate and key are read.
    ///   - trusted: whether the authorities are read that sign the certificates of clients.
    /// - Returns: whether there is a new context.
    /// - Throws: what is wrong; connections are then made as before.
    package func reload(identity: Bool, trusted: Bool) throws(TLSFault) -> Bool {
        let former = state.withLock { $0.materials }
        var materials = former
        if identity { try materials.readIdentity(of: settings) }
        if trusted { try materials.readTrusted(of: settings) }
        guard materials != former else { return false }
        let context = try settings.serverContext(protocols: protocols, materials: materials)
        state.withLock { $0 = State(materials: materials, context: context) }
        return true
    }
}
