/// Generates metrics exports: `metrics` counters of `pointsPerMetric` points with nine attributes each, all series
/// distinct.
struct ExportGenerator {
    enum Temporality: UInt8, CaseIterable {
        case delta = 1
        case cumulative = 2
    }

    var number: Int
    /// Of the protobuf form.
    var temporality = Temporality.cumulative
    /// Counters have one value, histograms of the protobuf form this number of buckets.
    var buckets: Int?
    var metrics = 10
    var pointsPerMetric = 100
    var time: UInt64 = 1_700_000_060_000_000_000

    var pointCount: Int { metrics * pointsPerMetric }

    private func attributes(_ point: Int) -> [(String, String)] {
        [
            ("http.request.method", ["GET", "POST", "PUT", "DELETE"][point % 4]),
            ("http.response.status_code", "\(200 + point % 7)"),
            ("http.route", "/api/v1/resource/\(point % 40)"),
            ("server.address", "host-\(number * 31 % 1000).example.internal"), ("server.port", "8443"),
            ("network.protocol.version", "1.1"), ("url.scheme", "https"), ("deployment.environment", "production"),
            ("request.slot", "\(number)-\(point)"),
        ]
    }

    var json: [UInt8] {
        let metricTexts = (0..<metrics).map { metric in
            let points = (0..<pointsPerMetric).map { point in
                let list = attributes(point).map { #"{"key":"\#($0.0)","value":{"stringValue":"\#($0.1)"}}"# }
                return
                    #"{"attributes":[\#(list.joined(separator: ","))],"startTimeUnixNano":"1700000000000000000","timeUnixNano":"\#(time)","asDouble":\#(Double(point) + 0.25)}"#
            }
            return
                #"{"name":"http.server.request.kind\#(metric).count","unit":"{request}","description":"Requests of kind \#(metric)","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[\#(points.joined(separator: ","))]}}"#
        }
        return Array(
            #"{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"api"}}]},"scopeMetrics":[{"scope":{"name":"bench","version":"1"},"metrics":[\#(metricTexts.joined(separator: ","))]}]}]}"#
                .utf8)
    }

    var protobuf: [UInt8] {
        let metricMessages = (0..<metrics).map { metric in
            let points = (0..<pointsPerMetric).flatMap { point in
                message(1, buckets.map { histogramPoint(point, buckets: $0) } ?? numberPoint(point))
            }
            let data = points + [2 << 3, temporality.rawValue] + (buckets == nil ? [3 << 3, 1] : [])
            return message(
                2,
                text(1, "http.server.request.kind\(metric).count") + text(2, "Requests of kind \(metric)")
                    + text(3, "{request}") + message(buckets == nil ? 7 : 9, data))
        }
        let resource = message(1, message(1, keyValue("service.name", "api")))
        let scope = message(1, text(1, "bench") + text(2, "1"))
        return message(1, resource + message(2, scope + metricMessages.flatMap { $0 }))
    }

    private func numberPoint(_ point: Int) -> [UInt8] {
        attributes(point).flatMap { message(7, keyValue($0.0, $0.1)) } + fixed(2, 1_700_000_000_000_000_000)
            + fixed(3, time) + fixed(4, (Double(point) + 0.25).bitPattern)
    }

    private func histogramPoint(_ point: Int, buckets: Int) -> [UInt8] {
        let counts = (0..<buckets).map { UInt64(point % 100 + $0) }
        let bounds = (1..<buckets).map { Double(5 << $0) / 1000 }
        return attributes(point).flatMap { message(9, keyValue($0.0, $0.1)) } + fixed(2, 1_700_000_000_000_000_000)
            + fixed(3, time) + fixed(4, counts.reduce(0, +)) + fixed(5, (Double(point) + 0.25).bitPattern)
            + message(6, counts.flatMap(littleEndian)) + message(7, bounds.flatMap { littleEndian($0.bitPattern) })
    }

    private func keyValue(_ key: String, _ value: String) -> [UInt8] { text(1, key) + message(2, text(1, value)) }

    private func text(_ field: UInt8, _ text: String) -> [UInt8] { message(field, Array(text.utf8)) }

    private func message(_ field: UInt8, _ body: [UInt8]) -> [UInt8] {
        var head: [UInt8] = [field << 3 | 2]
        var length = body.count
        while length >= 0x80 {
            head.append(UInt8(length & 0x7f) | 0x80)
            length >>= 7
        }
        return head + [UInt8(length)] + body
    }

    private func fixed(_ field: UInt8, _ value: UInt64) -> [UInt8] {
        [field << 3 | 1] + littleEndian(value)
    }

    private func littleEndian(_ value: UInt64) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
