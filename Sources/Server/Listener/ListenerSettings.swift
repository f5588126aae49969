package import Credentials
package import Settings

/// Where and how one listener serves.
package struct ListenerSettings: Sendable {
    /// What own metrics and messages call it, e.g. `otlp_http`. At most 15 bytes cost nothing to pass on.
    package var name: String
    /// An address, a name to be resolved, or empty for all addresses of the machine.
    package var host: String
    /// 0...65535; with 0 the system chooses a free port.
    package var port: Int
    package var limits: ServerLimits
    /// What its bodies take their memory from, shared with other listeners.
    package var bodies: BodyBudget
    /// When the pieces of its long responses are made, shared with other listeners of the same event loops.
    package var turns: ResponseTurns
    /// What protects its connections; nil: nothing does.
    package var tls: TLSContextSource?
    /// nil: nobody wants to know.
    package var observer: (any ListenerObserver)?

    package init(
        name: String, host: String, port: Int, limits: ServerLimits = ServerLimits(),
        bodies: BodyBudget = BodyBudget(), turns: ResponseTurns = ResponseTurns(), tls: TLSContextSource? = nil,
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
