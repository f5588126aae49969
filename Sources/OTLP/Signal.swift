/// One of the three kinds of telemetry that OTLP carries to this collector.
package enum Signal: String, Sendable, CaseIterable {
    case metrics
    case logs
    case traces
}
