/// The parts of a long export, one after the other, so that counting it never blocks others for long
/// (docs/decisions/0022).
package struct ExportParts: Sendable, Equatable {
    /// The size of a part in points, each with its `weight`, or in metrics if they have fewer points. About 20 ms if
    /// all of them create series. 512.
    package static let room = 512

    /// The next metric.
    private var metric = 0
    /// Number of its points in earlier parts.
    private var points = 0

    /// Before the first part.
    package init() {}

    /// Whether `whole` has no more parts.
    package func isOver(_ whole: borrowing MetricsBatch) -> Bool { metric >= whole.metrics.count }

    /// Puts the next part of `whole` in place of the content of `part`. The losses of the export are with its first
    /// part. Resources and scopes without metrics are in no part.
    ///
    /// The part points to the same memory as `whole`, and is valid no longer.
    /// - Parameter room: maximum number of points, as above; at least one.
    package mutating func takeNext(
        of whole: borrowing MetricsBatch, into part: inout MetricsBatch, room: Int = room
    ) {
        part.clear()
        part.encoding = whole.encoding
        part.bodyStart = whole.bodyStart
        if self == ExportParts() { part.losses = whole.losses }
        var source: (scope: Int32, resource: Int32) = (-1, -1)
        var room = room
        while room > 0, metric < whole.metrics.count {
            var row = whole.metrics[metric]
            if row.scope != source.scope {
                var scope = whole.scopes[Int(row.scope)]
                if scope.resource != source.resource {
                    source.resource = scope.resource
                    part.resources.append(whole.resources[Int(scope.resource)])
                }
                source.scope = row.scope
                scope.resource = Int32(part.resources.count - 1)
                part.scopes.append(scope)
            }
            row.scope = Int32(part.scopes.count - 1)
            let first = row.points.lowerBound + points
            var end = first
            if row.points.isEmpty { room -= 1 }
            while room > 0, end < row.points.upperBound {
                room -= Self.weight(ofPoint: end, row.kind, in: whole)
                end += 1
            }
            points += end - first
            if end == row.points.upperBound {
                metric += 1
                points = 0
            }
            row.points = Self.copyPoints(first..<end, of: row.kind, from: whole, to: &part)
            part.metrics.append(row)
        }
    }

    /// The work for a point, in points: more for long attributes, many buckets, exemplars.
    private static func weight(ofPoint index: Int, _ kind: MetricKind, in whole: borrowing MetricsBatch) -> Int {
        switch kind {
        case .none: return 1
        case .gauge, .sum:
            let point = whole.points.numbers[index]
            return 1 + point.attributes.count / 512 + point.exemplars.count
        case .histogram:
            let point = whole.points.histograms[index]
            return 1 + point.header.attributes.count / 512 + point.bucketCounts.count / 64 + point.exemplars.count
        case .exponentialHistogram:
            let point = whole.points.exponentialHistograms[index]
            let buckets = point.positive.counts.count + point.negative.counts.count
            return 1 + point.header.attributes.count / 512 + buckets / 64 + point.exemplars.count
        case .summary:
            let point = whole.points.summaries[index]
            return 1 + point.header.attributes.count / 512 + point.quantiles.count / 64
        }
    }

    /// - Returns: their indices in the part.
    private static func copyPoints(
        _ points: Range<Int>, of kind: MetricKind, from whole: borrowing MetricsBatch, to part: inout MetricsBatch
    ) -> Range<Int> {
        let start = part.points.count(of: kind)
        for index in points {
            switch kind {
            case .none: break
            case .gauge, .sum:
                var point = whole.points.numbers[index]
                point.exemplars = copyExemplars(point.exemplars, from: whole, to: &part)
                part.points.numbers.append(point)
            case .histogram:
                var point = whole.points.histograms[index]
                point.bucketCounts = copy(
                    point.bucketCounts, of: whole.points.bucketCounts, to: &part.points.bucketCounts)
                point.explicitBounds = copy(
                    point.explicitBounds, of: whole.points.explicitBounds, to: &part.points.explicitBounds)
                point.exemplars = copyExemplars(point.exemplars, from: whole, to: &part)
                part.points.histograms.append(point)
            case .exponentialHistogram:
                var point = whole.points.exponentialHistograms[index]
                point.positive.counts = copy(
                    point.positive.counts, of: whole.points.bucketCounts, to: &part.points.bucketCounts)
                point.negative.counts = copy(
                    point.negative.counts, of: whole.points.bucketCounts, to: &part.points.bucketCounts)
                point.exemplars = copyExemplars(point.exemplars, from: whole, to: &part)
                part.points.exponentialHistograms.append(point)
            case .summary:
                var point = whole.points.summaries[index]
                point.quantiles = copy(point.quantiles, of: whole.points.quantiles, to: &part.points.quantiles)
                part.points.summaries.append(point)
            }
        }
        return start..<part.points.count(of: kind)
    }

    private static func copyExemplars(
        _ rows: Range<Int32>, from whole: borrowing MetricsBatch, to part: inout MetricsBatch
    ) -> Range<Int32> {
        if rows.isEmpty { return 0..<0 }
        let copied = copy(
            Int(rows.lowerBound)..<Int(rows.upperBound), of: whole.points.exemplars, to: &part.points.exemplars)
        return Int32(copied.lowerBound)..<Int32(copied.upperBound)
    }

    private static func copy<Row>(_ rows: Range<Int>, of table: [Row], to copies: inout [Row]) -> Range<Int> {
        let start = copies.count
        copies.append(contentsOf: table[rows])
        return start..<copies.count
    }
}

/// Decides which exports are counted in parts.
extension MetricsBatch {
    /// Rows up to which an export is counted without interruption: points, what they belong to, and exemplars. 1,024.
    static let wholeRows = 1_024

    /// The same in bytes of the body. 512 KiB.
    package static let wholeBytes = 512 << 10

    /// Memory for decoding up to which an export is counted without interruption, whatever its body. 1 MiB.
    package static let wholeMemory = 1 << 20
    /// The same where it is more than twice the body: some rows take eight times the bytes of their encoding. 32 KiB.
    private static let amplifiedMemory = 32 << 10

    /// Rows that counting visits.
    package var rowCount: Int {
        resources.count + scopes.count + metrics.count + pointCount + points.exemplars.count
    }

    /// Whether the export is counted in parts.
    package var isLong: Bool {
        bodyBytes > Self.wholeBytes || rowCount > Self.wholeRows
            || tableBytes > max(Self.amplifiedMemory, min(2 * bodyBytes, Self.wholeMemory))
    }
}
