/// Long exports in parts, so that counting one never holds up others for long.
extension MetricsBatch {
    /// Rows up to which an export is counted in one go: points, what they belong to, exemplars and quantiles. 1,024.
    static let wholeRows = 1_024

    /// Bytes of a body up to which it is. 256 KiB.
    package static let wholeBytes = 256 << 10

    /// What a part has room for: points, each with what `weight` adds, or metrics where they have fewer. Some 20 ms where
    /// all of them begin new series. 512.
    package static let partPoints = 512

    /// Where in a batch a part begins.
    package struct Position: Sendable, Equatable {
        fileprivate var metric = 0
        /// Points of that metric that are in parts before.
        fileprivate var points = 0

        package init() {}
    }

    /// Whether the export is to be counted in parts.
    package var isLong: Bool {
        let owners = resources.count + scopes.count + metrics.count
        return bodyBytes > Self.wholeBytes || owners + pointCount + exemplars.count + quantiles.count > Self.wholeRows
    }

    /// Whether there is no part from this position on.
    package func isEnd(_ position: Position) -> Bool { position.metric >= metrics.count }

    /// Becomes the part of `whole` that begins at `position`, which moves to its end. What the export lost is with its
    /// first part. Resources and scopes without metrics are in no part.
    ///
    /// The part points to where `whole` points: it is valid no longer than that.
    /// - Parameter room: how many points it may have at most, as above; at least one.
    package mutating func takePart(
        of whole: borrowing MetricsBatch, from position: inout Position, room: Int = partPoints
    ) {
        clear()
        encoding = whole.encoding
        bodyStart = whole.bodyStart
        if position.metric == 0, position.points == 0 { losses = whole.losses }
        var source: (scope: Int32, resource: Int32) = (-1, -1)
        var room = room
        while room > 0, position.metric < whole.metrics.count {
            var metric = whole.metrics[position.metric]
            if metric.scope != source.scope {
                var scope = whole.scopes[Int(metric.scope)]
                if scope.resource != source.resource {
                    source.resource = scope.resource
                    resources.append(whole.resources[Int(scope.resource)])
                }
                source.scope = metric.scope
                scope.resource = Int32(resources.count - 1)
                scopes.append(scope)
            }
            metric.scope = Int32(scopes.count - 1)
            let first = metric.points.lowerBound + position.points
            var end = first
            if metric.points.isEmpty { room -= 1 }
            while room > 0, end < metric.points.upperBound {
                room -= Self.weight(ofPoint: end, metric.kind, in: whole)
                end += 1
            }
            position.points += end - first
            if end == metric.points.upperBound {
                position.metric += 1
                position.points = 0
            }
            metric.points = copyPoints(first..<end, of: metric.kind, from: whole)
            metrics.append(metric)
        }
    }

    /// How many points a point is as much work as: long attributes, many buckets, exemplars.
    private static func weight(ofPoint index: Int, _ kind: MetricKind, in whole: borrowing MetricsBatch) -> Int {
        switch kind {
        case .none: return 1
        case .gauge, .sum:
            let point = whole.numberPoints[index]
            return 1 + point.attributes.count / 512 + point.exemplars.count
        case .histogram:
            let point = whole.histogramPoints[index]
            return 1 + point.header.attributes.count / 512 + point.bucketCounts.count / 64 + point.exemplars.count
        case .exponentialHistogram:
            let point = whole.exponentialHistogramPoints[index]
            let buckets = point.positive.counts.count + point.negative.counts.count
            return 1 + point.header.attributes.count / 512 + buckets / 64 + point.exemplars.count
        case .summary:
            let point = whole.summaryPoints[index]
            return 1 + point.header.attributes.count / 512 + point.quantiles.count / 64
        }
    }

    /// - Returns: where they are here.
    private mutating func copyPoints(
        _ points: Range<Int>, of kind: MetricKind, from whole: borrowing MetricsBatch
    ) -> Range<Int> {
        let start = pointCount(of: kind)
        for index in points {
            switch kind {
            case .none: break
            case .gauge, .sum:
                var point = whole.numberPoints[index]
                point.exemplars = copyExemplars(point.exemplars, from: whole)
                numberPoints.append(point)
            case .histogram:
                var point = whole.histogramPoints[index]
                point.bucketCounts = Self.copy(point.bucketCounts, of: whole.bucketCounts, to: &bucketCounts)
                point.explicitBounds = Self.copy(point.explicitBounds, of: whole.explicitBounds, to: &explicitBounds)
                point.exemplars = copyExemplars(point.exemplars, from: whole)
                histogramPoints.append(point)
            case .exponentialHistogram:
                var point = whole.exponentialHistogramPoints[index]
                point.positive.counts = Self.copy(point.positive.counts, of: whole.bucketCounts, to: &bucketCounts)
                point.negative.counts = Self.copy(point.negative.counts, of: whole.bucketCounts, to: &bucketCounts)
                point.exemplars = copyExemplars(point.exemplars, from: whole)
                exponentialHistogramPoints.append(point)
            case .summary:
                var point = whole.summaryPoints[index]
                point.quantiles = Self.copy(point.quantiles, of: whole.quantiles, to: &quantiles)
                summaryPoints.append(point)
            }
        }
        return start..<pointCount(of: kind)
    }

    private mutating func copyExemplars(
        _ rows: Range<Int32>, from whole: borrowing MetricsBatch
    ) -> Range<Int32> {
        if rows.isEmpty { return 0..<0 }
        let copied = Self.copy(Int(rows.lowerBound)..<Int(rows.upperBound), of: whole.exemplars, to: &exemplars)
        return Int32(copied.lowerBound)..<Int32(copied.upperBound)
    }

    private static func copy<Row>(_ rows: Range<Int>, of table: [Row], to copies: inout [Row]) -> Range<Int> {
        let start = copies.count
        copies.append(contentsOf: table[rows])
        return start..<copies.count
    }
}
