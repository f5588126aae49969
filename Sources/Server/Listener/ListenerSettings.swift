package import Credentials
package import Settings

/// Settings of one listener.
package struct ListenerSettings: Sendable {
    /// Its name in own metrics and messages, e.g. `otlp_http`. Up to 15 bytes are copied without cost.
    package var name: String
    /// An address, a name to be resolved, or empty for all addresses of the machine.
    package var host: String
    /// 0...65535; with 0 the system chooses a free port.
    package var port: Int
    package var limits: ServerLimits
    /// The memory budget of its bodies, shared with other listeners.
    package var bodies: BodyBudget
    /// Schedules the pieces of its long responses, shared with other listeners of the same event loops.
    package var turns: LoopTurns
    /// TLS of its connections; nil: none.
    package var tls: TLSContextSource?
    /// Nil: none.
    package var observer: (any ListenerObserver)?

    package init(
        name: String, host: String, port: Int, limits: ServerLimits = ServerLimits(),
        bodies: BodyBudget = BodyBudget(), turns: LoopTurns = LoopTurns(), tls: TLSContextSource? = nil,
        observer: (any ListenerObserver)? = nil
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.limits = limits
        self.bodies = bodies
        self.turns = turns
        self.tls = tls
        self.observer = observer
    }
}
