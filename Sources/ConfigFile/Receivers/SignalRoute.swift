/// The route of one signal at one receiver.
package enum SignalRoute: Equatable, Sendable {
    /// No pipeline takes it: its path is answered with 404.
    case absent
    /// Accepted and discarded: its pipelines have no exporter that forwards.
    case discarded
    /// To these exporters, by name; never empty: Prometheus pages (metrics only), and exporters that forward.
    case exported(to: [String])
}
