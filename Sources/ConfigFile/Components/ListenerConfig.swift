/// A listener with the position of its address, for messages.
struct ListenerConfig<Config: Sendable>: Sendable {
    var config: Config
    let path: ConfigPath
    /// Nil for a default.
    let position: SourcePosition?
}
