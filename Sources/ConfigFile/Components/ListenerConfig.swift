/// A listener with the place its address was set at, for messages.
struct ListenerConfig<Config: Sendable>: Sendable {
    var config: Config
    let path: ConfigPath
    /// Nil for a default.
    let position: SourcePosition?
}
