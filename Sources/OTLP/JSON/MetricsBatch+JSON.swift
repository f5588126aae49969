// The content of metrics scopes in JSON: metrics, and the tables of their points.

extension MetricsBatch {
    static var envelopeKeys: (resources: JSONKey, scopes: JSONKey, items: JSONKey) {
        (.resourceMetrics, .scopeMetrics, .metrics)
    }

    struct ItemMarks {
        var metrics: Int
        var points: PointTables.Marks
    }

    var itemMarks: ItemMarks { ItemMarks(metrics: metrics.count, points: points.marks) }

    mutating func dropItems(from marks: ItemMarks) {
        metrics.removeSubrange(marks.metrics...)
        points.drop(from: marks.points)
    }
}
