// The content of metrics scopes in JSON: metrics, and the tables of their points.

extension MetricsBatch {
    static var envelopeKeys: (resources: JSONKey, scopes: JSONKey, items: JSONKey) {
        (.resourceMetrics, .scopeMetrics, .metrics)
    }

    struct ItemMarks {
        var metrics: Int
        var numberPoints: Int
        var histogramPoints: Int
        var exponentialHistogramPoints: Int
        var summaryPoints: Int
    }

    var itemMarks: ItemMarks {
        ItemMarks(
            metrics: metrics.count, numberPoints: numberPoints.count, histogramPoints: histogramPoints.count,
            exponentialHistogramPoints: exponentialHistogramPoints.count, summaryPoints: summaryPoints.count)
    }

    mutating func dropItems(from marks: ItemMarks) {
        metrics.removeSubrange(marks.metrics...)
        numberPoints.removeSubrange(marks.numberPoints...)
        histogramPoints.removeSubrange(marks.histogramPoints...)
        exponentialHistogramPoints.removeSubrange(marks.exponentialHistogramPoints...)
        summaryPoints.removeSubrange(marks.summaryPoints...)
    }
}
