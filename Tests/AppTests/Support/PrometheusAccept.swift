import Testing

/// The Accept header of a release of Prometheus, and the Content-Type of the answer.
struct PrometheusAccept: Sendable, CustomTestStringConvertible {
    /// Which releases send it, and with which options.
    let sender: String
    let header: String
    /// With `enable_open_metrics`.
    let type: String
    /// Without it.
    let typeWithoutOpenMetrics: String

    var testDescription: String { sender }

    private static let text = "text/plain; version=0.0.4; charset=utf-8"
    private static let openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping="
    private static let protobuf =
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping="

    /// The headers of the releases, literally.
    static let all = [
        PrometheusAccept(
            sender: "2.40 to 2.48",
            header: "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            type: openMetrics + "underscores", typeWithoutOpenMetrics: text),
        PrometheusAccept(
            sender: "2.40 to 2.48, native histograms",
            header: "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
                + "application/openmetrics-text;version=1.0.0;q=0.8,"
                + "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            type: protobuf + "underscores", typeWithoutOpenMetrics: protobuf + "underscores"),
        PrometheusAccept(
            sender: "2.49 to 2.55",
            header: "application/openmetrics-text;version=1.0.0;q=0.5,"
                + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            type: openMetrics + "underscores", typeWithoutOpenMetrics: text),
        PrometheusAccept(
            sender: "2.49 to 2.55, native histograms",
            header: "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.5,"
                + "application/openmetrics-text;version=1.0.0;q=0.4,"
                + "application/openmetrics-text;version=0.0.1;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            type: protobuf + "underscores", typeWithoutOpenMetrics: protobuf + "underscores"),
        PrometheusAccept(
            sender: "3.0 to 3.3",
            header: "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                + "application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.5,"
                + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
                + "text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;q=0.2",
            type: openMetrics + "allow-utf-8", typeWithoutOpenMetrics: text + "; escaping=allow-utf-8"),
        PrometheusAccept(
            sender: "3.0 to 3.3, native histograms",
            header: "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
                + "escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                + "application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.4,"
                + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
                + "text/plain;version=0.0.4;escaping=allow-utf-8;q=0.2,*/*;q=0.1",
            type: protobuf + "allow-utf-8", typeWithoutOpenMetrics: protobuf + "allow-utf-8"),
        PrometheusAccept(
            sender: "3.4 and later",
            header: "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            type: openMetrics + "allow-utf-8", typeWithoutOpenMetrics: text + "; escaping=allow-utf-8"),
        PrometheusAccept(
            sender: "3.4 and later, native histograms",
            header: "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
                + "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
                + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            type: protobuf + "underscores", typeWithoutOpenMetrics: protobuf + "underscores"),
        PrometheusAccept(
            sender: "3.4 and later, metric_name_escaping_scheme: underscores",
            header: "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,"
                + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=underscores;q=0.4,"
                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            type: openMetrics + "underscores", typeWithoutOpenMetrics: text),
        PrometheusAccept(
            sender: "3.4 and later, native histograms, metric_name_escaping_scheme: dots",
            header: "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
                + "application/openmetrics-text;version=1.0.0;escaping=dots;q=0.5,"
                + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=dots;q=0.3,"
                + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            type: protobuf + "underscores", typeWithoutOpenMetrics: protobuf + "underscores"),
        PrometheusAccept(
            sender: "3.x, text protocols first",
            header: "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,"
                + "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.3",
            type: text + "; escaping=allow-utf-8", typeWithoutOpenMetrics: text + "; escaping=allow-utf-8"),
    ]
}
