import Foundation
import Testing

/// Recorded exports with times moved to now: Prometheus drops samples that are too old.
extension CaptureFixture {
    /// The metrics exports, decompressed, with their points later by `shift` nanoseconds.
    func metricsExports(movedBy shift: Int64) throws -> [HTTPExport] {
        try metricsExports.map { export in
            var moved = try export.plain
            moved.visitTimes { UInt64(bitPattern: Int64(bitPattern: $0) &+ shift) }
            return moved
        }
    }

    /// The earliest time of any point, nanoseconds.
    var firstTime: Int64 {
        get throws {
            var first = UInt64.max
            for export in try metricsExports {
                var plain = try export.plain
                plain.visitTimes { time in
                    first = min(first, time)
                    return time
                }
            }
            return Int64(clamping: first)
        }
    }
}

extension HTTPExport {
    /// Without content coding.
    fileprivate var plain: HTTPExport {
        get throws {
            guard headers.contains(where: { $0.0 == "Content-Encoding" }) else { return self }
            return HTTPExport(
                path: path, headers: headers.filter { $0.0 != "Content-Encoding" }, body: try #require(gunzipped(body)))
        }
    }

    /// Replaces each start time and time of a point that is given.
    fileprivate mutating func visitTimes(_ change: (UInt64) -> UInt64) {
        if headers.contains(where: { $0.1.contains("json") }) {
            let text = String(decoding: body, as: UTF8.self)
            let pattern = /("(?:startT|t)imeUnixNano"\s*:\s*"?)(\d{15,20})/
            let moved = text.replacing(pattern) { match in
                "\(match.1)\(UInt64(match.2).map(change) ?? 0)"
            }
            body = Array(moved.utf8)
        } else {
            Self.visit(&body, in: 0..<body.count, path: Self.pointPath[...], change)
        }
    }

    /// The field numbers from a request to a data point: resource_metrics, scope_metrics, metrics, any kind of data,
    /// data_points.
    private static let pointPath: [Set<UInt64>] = [[1], [2], [2], [5, 7, 9, 10, 11], [1]]

    private static func visit(
        _ bytes: inout [UInt8], in range: Range<Int>, path: ArraySlice<Set<UInt64>>, _ change: (UInt64) -> UInt64
    ) {
        var position = range.lowerBound
        while position < range.upperBound {
            let tag = varint(bytes, &position)
            switch tag & 7 {
            case 0: _ = varint(bytes, &position)
            case 1:
                // start_time_unix_nano and time_unix_nano, in points of every kind.
                if path.isEmpty, tag >> 3 == 2 || tag >> 3 == 3 {
                    let old = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[position + $1]) << UInt64(8 * $1) }
                    let new = old == 0 ? 0 : change(old)
                    for place in 0..<8 { bytes[position + place] = UInt8(truncatingIfNeeded: new >> UInt64(8 * place)) }
                }
                position += 8
            case 5: position += 4
            default:
                let length = Int(varint(bytes, &position))
                if let wanted = path.first, wanted.contains(tag >> 3) {
                    visit(&bytes, in: position..<position + length, path: path.dropFirst(), change)
                }
                position += length
            }
        }
    }

    private static func varint(_ bytes: [UInt8], _ position: inout Int) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }
}
