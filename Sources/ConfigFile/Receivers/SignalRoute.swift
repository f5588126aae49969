/// What becomes of one signal at one receiver.
package enum SignalRoute: Equatable, Sendable {
    /// No pipeline takes it: its path is answered with 404.
    case absent
    /// Taken and dropped: the exporters of its pipelines pass nothing on.
    case discarded
    /// Goes to these exporters, by name; never empty: to pages of Prometheus (metrics only), and to exporters that pass it
    /// on.
    case exported(to: [String])
}
