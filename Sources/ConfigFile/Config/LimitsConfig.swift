/// `odometer.limits`: what clients and series may take. Sizes are in bytes.
package struct LimitsConfig: Equatable, Sendable {
    /// `max_series`: series kept at once. Default 200,000; beyond it idle series make room or new ones are rejected.
    package var seriesLimit = 200_000
    /// `max_writers`: writers kept at once, tombstones included. Default 1,000,000.
    package var writerLimit = 1_000_000
    /// `max_labels`: labels of one series. Default 64; points with more are rejected, what else would be too much is left
    /// out.
    package var labelLimit = 64
    /// `max_label_value_length`: bytes of one label value. Default 4096; points with longer ones are rejected,
    /// what is longer elsewhere is cut.
    package var labelValueBytesLimit = 4096
    /// `max_attribute_depth`: levels of nested arrays and maps in an attribute or a log's body. Default 64.
    package var attributeDepthLimit = 64
    /// `max_decoding_memory`: working memory for one export. Default 64 MiB; beyond it 413.
    package var decodingMemoryLimit = 64 << 20
    /// `max_body_memory`: bytes of all bodies in flight together, as sent and inflated, over all receivers. Default 64 MiB;
    /// beyond it the oldest that are not whole get 503, then new ones.
    package var bodyMemoryLimit = 64 << 20
    /// `max_inflate_ratio`: how many times its size a body of more than 1 MiB may be inflated to. Default 100; beyond it
    /// 413.
    package var inflateRatioLimit = 100
    /// `max_windows_memory`: memory for the windows that tell duplicates, of all series. Default 64 MiB; the oldest go.
    package var windowsMemoryLimit = 64 << 20
    /// `max_state_memory`: memory for series, labels, buckets, quantiles and identities, of all exporters together.
    /// Default 256 MiB; what is new is rejected then.
    package var stateMemoryLimit = 256 << 20
    /// `max_page_size`: bytes of a page before it is compressed. Default 128 MiB; new series beyond it are rejected.
    package var pageSizeLimit = 128 << 20
    /// `max_histogram_bounds`: bounds of one histogram. Default 2,000; points with more are rejected.
    package var histogramBoundLimit = 2_000
    /// `max_summary_quantiles`: quantiles of one summary. Default 100; points with more are rejected.
    package var summaryQuantileLimit = 100
    /// `evict_after`: how long a series must have been idle before it may make room for another. Default 24 h.
    package var evictAfter: Duration = .seconds(24 * 3600)
    /// `max_connections`: connections open at once, for each listener. Default 1024; beyond it the one goes that has waited
    /// longest for its client.
    package var connectionLimit = 1024
    /// `max_connections_per_source`: those of one address of IPv4, or one /64 of IPv6. Default 512; 0: all.
    package var sourceConnectionLimit = 512
    /// `max_page_readers`: readers of one metrics page at once. Default 8; beyond it 503.
    package var pageReaderLimit = 8
    /// `page_timeout`: how long a reader may take to read the page. Default 2 minutes; beyond it the connection is cut.
    package var pageTimeout: Duration = .seconds(120)
    /// `max_head_size`: bytes of request line and headers. Default 16 KiB; beyond it 431.
    package var headBytesLimit = 16 << 10
    /// `head_timeout`: time for the whole head of a request to arrive. Default 10 s; beyond it 408.
    package var headTimeout: Duration = .seconds(10)
    /// `body_timeout`: time for the whole body to arrive after the head. Default 30 s; beyond it 408.
    package var bodyTimeout: Duration = .seconds(30)
    /// `idle_timeout`: how long a connection may lie idle between requests. Default 120 s.
    package var idleTimeout: Duration = .seconds(120)

    package init() {}
}
