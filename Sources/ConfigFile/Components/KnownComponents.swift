/// A kind of component, its key, and its types in the Collector's distributions.
struct ComponentCategory {
    /// The key at the top of the configuration: `receivers`.
    let key: String
    /// The singular for messages: `receiver`.
    let singular: String
    let types: [KnownName]

    static let receivers = ComponentCategory(
        key: "receivers", singular: "receiver",
        types: [KnownName("otlp")]
            + refused([
                "activedirectoryds", "apache", "awsecscontainermetrics", "carbon", "collectd", "docker_stats",
                "elasticsearch", "filelog", "fluentforward", "googlecloudpubsub", "hostmetrics", "httpcheck",
                "influxdb", "jaeger", "jmx", "journald", "k8s_cluster", "k8s_events", "k8sobjects", "kafka",
                "kafkametrics", "kubeletstats", "loki", "mongodb", "mysql", "nginx", "nop", "opencensus",
                "otlpjsonfile", "postgresql", "prometheus", "prometheus_simple", "prometheusremotewrite", "rabbitmq",
                "redis", "signalfx", "simpleprometheus", "snmp", "splunk_hec", "sqlquery", "sqlserver", "statsd",
                "syslog", "tcplog", "udplog", "webhookevent", "windowsperfcounters", "zipkin",
            ]))

    static let processors = ComponentCategory(
        key: "processors", singular: "processor",
        types: [
            KnownName("batch", .noEffect("every export is counted as it arrives")),
            KnownName("memory_limiter"), KnownName("resource"), KnownName("attributes"), KnownName("filter"),
            KnownName("deltatocumulative", .noEffect("deltas are always added up to totals")),
            KnownName(
                "cumulativetodelta",
                .refused(
                    "turns totals into deltas, but Prometheus needs totals; remove it here and from the pipelines")
            ),
        ]
            + refused([
                "deltatorate", "geoip", "groupbyattrs", "groupbytrace",
                "interval", "isolationforest", "k8sattributes", "logdedup", "metricsgeneration", "metricstarttime",
                "metricstransform", "probabilistic_sampler", "redaction", "remotetap",
                "resourcedetection", "routing", "schema", "span", "sumologic", "tail_sampling", "transform", "unroll",
            ]))

    static let exporters = ComponentCategory(
        key: "exporters", singular: "exporter",
        types: [
            KnownName("prometheus"), KnownName("nop"),
            KnownName("debug"), KnownName("logging"),
        ]
            + ["otlphttp", "otlp_http", "otlp", "otlp_grpc", "file"].map { KnownName($0) }
            + refused([
                "alibabacloud_logservice", "awscloudwatchlogs", "awsemf", "awss3", "awsxray", "azuremonitor",
                "carbon", "cassandra", "clickhouse", "coralogix", "datadog", "elasticsearch", "googlecloud",
                "googlecloudpubsub", "googlemanagedprometheus", "honeycombmarker", "influxdb", "jaeger", "kafka",
                "loadbalancing", "logzio", "loki", "mezmo", "opencensus", "opensearch", "otelarrow",
                "prometheusremotewrite", "pulsar", "rabbitmq", "sapm", "sentry",
                "signalfx", "splunk_hec", "sumologic", "syslog", "zipkin",
            ]))

    static let extensions = ComponentCategory(
        key: "extensions", singular: "extension",
        types: [
            KnownName("health_check"), KnownName("basicauth"), KnownName("bearertokenauth"),
            KnownName("pprof", .noEffect("nothing is served there")),
            KnownName("zpages", .noEffect("nothing is served there")),
            KnownName("memory_ballast", .noEffect("there is no garbage collector")),
        ]
            + refused([
                "asapauth", "ack", "awsproxy", "azureauth", "cgroupruntime",
                "db_storage", "file_storage", "googleclientauth", "headers_setter", "healthcheckv2", "http_forwarder",
                "jaegerremotesampling", "k8s_observer", "docker_observer", "host_observer", "oauth2client", "oidc",
                "opamp", "redis_storage", "sigv4auth",
            ]))

    static let connectors = ComponentCategory(
        key: "connectors", singular: "connector",
        types: refused([
            "count", "exceptions", "failover", "forward", "grafanacloud", "otlpjson", "roundrobin", "routing",
            "servicegraph", "signaltometrics", "slowsql", "spanmetrics", "sum",
        ]))

    private static func refused(_ names: [String]) -> [KnownName] {
        names.map { KnownName($0, .notSupportedYet()) }
    }
}
