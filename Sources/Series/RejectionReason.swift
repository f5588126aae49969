/// Why a point of an accepted export is rejected; reported by partial success and counted by reason.
///
/// The raw value is the `reason` label of `odometer_rejected_points_total`.
package enum RejectionReason: String, Error, Sendable, CaseIterable {
    /// A decrease of a monotonic sum: a negative delta or a negative total (R-D2C-09).
    case negativeIncrement = "negative_increment"
    /// NaN or an infinity in a monotonic sum, or as the sum of a delta histogram (R-D2C-10).
    case notFinite = "not_finite"
    /// Neither `as_int` nor `as_double`, and no NoRecordedValue flag (R-JSON-20).
    case missingValue = "missing_value"
    /// A value, time, count, bound or flag has the wrong type or is out of range; in protobuf, the bytes of the point
    /// are broken. Or the name, unit, type or temporality of the metric is (docs/decisions/0019).
    case malformed = "malformed"
    /// A sum whose temporality is neither delta nor cumulative (R-DM-04).
    case unspecifiedTemporality = "unspecified_temporality"
    /// The family exists with another type (R-TYPE-09).
    case typeConflict = "type_conflict"
    /// The name of the metric is empty after translation (R-NAME-03).
    case emptyName = "empty_name"
    /// A string value among the attributes of the point, its scope or its resource is not UTF-8 (R-PB-05,
    /// docs/decisions/0005).
    case invalidText = "invalid_text"
    /// The name belongs to the collector's own metrics on the same page (`SeriesSettings.reservedPrefix`).
    case reservedName = "reserved_name"
    /// Bounds that do not ascend, a number of buckets that does not match the bounds, buckets whose sum exceeds 64
    /// bits, or an exponential histogram with a count but no bucket.
    case invalidHistogram = "invalid_histogram"
    /// An exponential histogram with a lower scale than Prometheus supports (R-TYPE-06).
    case unsupportedScale = "unsupported_scale"
    /// A kind of metric that is not supported.
    case unsupportedType = "unsupported_type"
    /// A resource, a scope or a metric's header larger than `SeriesSettings.identityLimitBytes`.
    case identityLimit = "identity_limit"
    /// A new series beyond `StateLimits.maxSeries`.
    case seriesLimit = "series_limit"
    /// A new writer beyond `StateLimits.maxWriters`.
    case writerLimit = "writer_limit"
    /// More labels than `LabelLimits.maxLabels`.
    case labelLimit = "label_limit"
    /// A histogram with more bounds than `StateLimits.maxHistogramBounds`.
    case boundLimit = "bound_limit"
    /// A summary with more quantiles than `StateLimits.maxSummaryQuantiles`.
    case quantileLimit = "quantile_limit"
    /// A new series, stream or writer, or one with more buckets, beyond `StateLimits.maxStateMemory`.
    case stateMemory = "state_memory"
    /// A new series, or one with more lines, beyond `StateLimits.maxPageSize`.
    case pageLimit = "page_limit"
    /// A label value longer than `LabelLimits.maxLabelValueLength`.
    case labelValueLimit = "label_value_limit"

    /// The message for the sender, one English clause.
    package var explanation: String {
        switch self {
        case .negativeIncrement: "a monotonic sum must not be negative"
        case .notFinite: "a value that is added up must be finite"
        case .missingValue: "the point has no value"
        case .malformed: "the point or its metric cannot be decoded"
        case .unspecifiedTemporality: "a sum needs delta or cumulative temporality"
        case .typeConflict: "the metric name is already exposed with another type, or taken by a histogram or summary"
        case .emptyName: "the metric name has no usable character"
        case .invalidText: "a string value of an attribute is not valid UTF-8"
        case .reservedName: "the metric name is reserved for the collector's own metrics"
        case .invalidHistogram: "the bounds and buckets of the histogram do not match"
        case .unsupportedScale: "an exponential histogram needs a scale of at least -4"
        case .unsupportedType: "metrics of this type are not supported"
        case .identityLimit: "the resource, the scope or the metric's name and description are too large"
        case .seriesLimit: "the limit of series is reached (odometer.limits.max_series)"
        case .writerLimit: "the limit of writers is reached (odometer.limits.max_writers)"
        case .boundLimit: "the histogram has too many bounds (odometer.limits.max_histogram_bounds)"
        case .quantileLimit: "the summary has too many quantiles (odometer.limits.max_summary_quantiles)"
        case .stateMemory: "the limit of memory for series is reached (odometer.limits.max_state_memory)"
        case .pageLimit: "the limit of the page's size is reached (odometer.limits.max_page_size)"
        case .labelLimit: "the point has too many attributes (odometer.limits.max_labels)"
        case .labelValueLimit: "an attribute value is too long (odometer.limits.max_label_value_length)"
        }
    }
}
