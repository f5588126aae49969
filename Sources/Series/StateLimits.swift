internal import Settings

extension StateLimits {
    /// The share of `target_info` in a page, bytes; every reader holds a copy of it.
    var targetBytes: Int { maxPageSize / 8 }

    /// The higher limits of both.
    func raised(to other: StateLimits) -> StateLimits {
        StateLimits {
            $0.maxSeries = max(maxSeries, other.maxSeries)
            $0.maxWriters = max(maxWriters, other.maxWriters)
            $0.maxStateMemory = max(maxStateMemory, other.maxStateMemory)
            $0.maxPageSize = max(maxPageSize, other.maxPageSize)
            $0.maxHistogramBounds = max(maxHistogramBounds, other.maxHistogramBounds)
            $0.maxSummaryQuantiles = max(maxSummaryQuantiles, other.maxSummaryQuantiles)
        }
    }
}

extension StateLimits: StateCoded {
    func write(to writer: inout StateWriter) {
        for limit in [
            maxStateMemory, maxPageSize, maxHistogramBounds, maxSummaryQuantiles, maxSeries, maxWriters,
        ] {
            writer.number(limit)
        }
    }

    init(from reader: inout StateReader) throws(StateFault) {
        self.init()
        maxStateMemory = Int(clamping: try reader.number())
        maxPageSize = Int(clamping: try reader.number())
        maxHistogramBounds = Int(clamping: try reader.number())
        maxSummaryQuantiles = Int(clamping: try reader.number())
        // Missing in states written by older versions.
        guard reader.remaining > 0 else { return }
        maxSeries = Int(clamping: try reader.number())
        maxWriters = Int(clamping: try reader.number())
    }
}
