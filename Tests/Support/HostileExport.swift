/// OTLP exports in protobuf with all kinds of metrics, and with names, labels and values chosen to break pages.
///
/// Deterministic: depends only on the numbers of `random`.
struct HostileExport<Random: RandomNumberGenerator> {
    /// What the next export is made of.
    private(set) var random: Random
    private let now: UInt64

    /// - Parameter now: about the time that points carry, nanoseconds.
    init(random: Random, now: UInt64) {
        self.random = random
        self.now = now
    }

    private static var stems: [String] {
        [
            "h", "q", "orders", "http.request", "http_request", "a.b", "a_b", "a/b", "U__a_2e_b", "target", "x", "1st",
            "é", "n\0l", "q\"uote", "line\nfeed", "back\\", "tail\\\"", "U__a_2e_b_", "h.sum", "q.created", "\u{FEFF}",
            "# EOF", "a b", "odometer", "up", "{}", "u\u{2028}",
        ]
    }
    private static var suffixes: [String] {
        [
            "", "", ".sum", ".count", ".bucket", ".created", ".total", ".info", "_total", "_count", ".gcount",
            ".seconds",
            "_created", "_info", "_total_total",
        ]
    }
    private static var units: [String] {
        ["", "", "s", "By", "1", "%", "By/s", "{x}", "\0", "total", "a\"b", "count", "KiBy/s", "a.b", "info"]
    }
    private static var keys: [String] {
        [
            "k", "le", "quantile", "job", "instance", "__name__", "a.b", "a_b", "a/b", "é", "éname_", "énameé", "n\0l",
            "n l",
            "\"", "\\", "", "otel.scope.name", "h", "x", "1", "trace_id", "}", ",", "=", "U__a_2e_b", "_name_", "\n",
        ]
    }
    private static var values: [String] {
        [
            "", "v", "w", "\0", "a\0b", "\"", "a\"b\"c", "\\", "tail\\", "\n", "\r", "\r\n", "\u{FEFF}", "\u{2028}",
            "# EOF", "\n# EOF\n", "} 1", "😀", " # {} 1", "0", "0.5", "+Inf", "\u{0085}", "\u{7F}",
            String(repeating: "long", count: 20), "é\0\"\\\n",
        ]
    }

    private mutating func pick(_ count: Int) -> Int { Int(truncatingIfNeeded: random.next() % UInt64(count)) }

    private mutating func one<Element>(of elements: [Element]) -> Element { elements[pick(elements.count)] }

    private mutating func double() -> Double {
        let odd: [Double] = [
            0, 1, -1, 0.5, -3.25, 1e300, -1e300, .nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude, 1e21, 1e6,
            123456, 2, 3, 0.1,
        ]
        return one(of: odd)
    }

    private mutating func count() -> UInt64 {
        one(of: [0, 0, 1, 2, 3, 7, 10, 1000, 1 << 53, 1 << 62, 1 << 63, .max])
    }

    private mutating func time() -> UInt64 {
        one(of: [now, now, now, now &+ 1_000_000, now &+ 999, now &- 60_000_000_000, 0, 1, .max, 1_000_000_000])
    }

    /// One export of up to eight metrics of two services.
    mutating func next() -> [UInt8] {
        var export = WireMessage()
        for _ in 0...pick(2) {
            var resource = WireMessage()
            for (key, value) in [("service.name", "s"), ("service.instance.id", one(of: ["i", "j", ""]))] {
                resource.add(1, attribute(key, value))
            }
            if pick(3) == 0 { resource.add(1, attribute(one(of: Self.keys), one(of: Self.values))) }
            var metrics = WireMessage()
            if pick(4) == 0 {
                var scope = WireMessage()
                scope.add(1, Array(one(of: Self.values).utf8))
                scope.add(3, attribute(one(of: Self.keys), one(of: Self.values)))
                metrics.add(1, scope.bytes)
            }
            for _ in 0...pick(4) { metrics.add(2, metric()) }
            var whole = WireMessage()
            whole.add(1, resource.bytes)
            whole.add(2, metrics.bytes)
            export.add(1, whole.bytes)
        }
        return export.bytes
    }

    private mutating func metric() -> [UInt8] {
        var metric = WireMessage()
        let name = one(of: Self.stems) + one(of: Self.suffixes)
        metric.add(1, Array(name.utf8))
        metric.add(2, Array(one(of: Self.values).utf8))
        metric.add(3, Array(one(of: Self.units).utf8))
        let kind = pick(9)
        var data = WireMessage()
        for _ in 0...pick(3) {
            switch kind {
            case 0...4: data.add(1, numberPoint(name, kind: kind))
            case 5: data.add(1, histogramPoint())
            case 6: data.add(1, exponentialPoint())
            default: data.add(1, summaryPoint())
            }
        }
        switch kind {
        case 0, 1, 2:
            metric.add(5, data.bytes)
            if kind > 0 {
                metric.add(12, Self.keyValue("prometheus.type", Array((kind == 1 ? "info" : "stateset").utf8)))
            }
            if kind == 0, pick(3) == 0 { metric.add(12, Self.keyValue("prometheus.type", Array("unknown".utf8))) }
        case 3, 4:
            data.add(2, varint: UInt64(1 + pick(2)))
            data.add(3, varint: pick(5) == 0 ? 0 : 1)
            metric.add(7, data.bytes)
        case 5, 6:
            data.add(2, varint: UInt64(1 + pick(2)))
            metric.add(kind == 5 ? 9 : 10, data.bytes)
        default: metric.add(11, data.bytes)
        }
        return metric.bytes
    }

    private mutating func times(of point: inout WireMessage) {
        point.add(2, fixed: one(of: [0, now &- 120_000_000_000, 1, .max, 1_500_000_000_250_000_001]))
        point.add(3, fixed: time())
    }

    private mutating func attributes(_ field: UInt64, of point: inout WireMessage, besides name: String = "") {
        for _ in 0..<pick(5) { point.add(field, attribute(one(of: Self.keys), one(of: Self.values))) }
        if !name.isEmpty, pick(2) == 0 { point.add(field, attribute(name, one(of: ["on", "off", "idle"]))) }
    }

    private mutating func exemplars(_ field: UInt64, of point: inout WireMessage) {
        for _ in 0..<pick(3) {
            var exemplar = WireMessage()
            attributes(7, of: &exemplar)
            exemplar.add(2, fixed: time())
            exemplar.add(3, fixed: double().bitPattern)
            if pick(2) == 0 { exemplar.add(5, [UInt8](repeating: 0xAB, count: 16)) }
            point.add(field, exemplar.bytes)
        }
    }

    private mutating func numberPoint(_ name: String, kind: Int) -> [UInt8] {
        var point = WireMessage()
        times(of: &point)
        attributes(7, of: &point, besides: kind == 2 ? name : "")
        if pick(2) == 0 {
            let values: [Int64] = kind == 1 || kind == 2 ? [0, 1, 1, 1] : [0, 1, 5, -1, .max, .min]
            point.add(6, fixed: UInt64(bitPattern: one(of: values)))
        } else {
            point.add(4, fixed: (kind == 1 ? 1 : double()).bitPattern)
        }
        exemplars(5, of: &point)
        return point.bytes
    }

    private mutating func histogramPoint() -> [UInt8] {
        var point = WireMessage()
        times(of: &point)
        attributes(9, of: &point)
        let bounds: [Double] = one(of: [
            [], [1], [1, 5], [-1, 0, 1], [0, 5, 10], [0.1, 1e6, 1e300], [-.infinity, 0], [1, .infinity],
        ])
        let counts = (0..<bounds.count + 1).map { _ in count() }
        point.add(4, fixed: counts.reduce(0, &+))
        if pick(4) != 0 { point.add(5, fixed: double().bitPattern) }
        point.add(6, counts.flatMap(WireMessage.fixed))
        point.add(7, bounds.flatMap { WireMessage.fixed($0.bitPattern) })
        exemplars(8, of: &point)
        return point.bytes
    }

    private mutating func exponentialPoint() -> [UInt8] {
        var point = WireMessage()
        times(of: &point)
        attributes(1, of: &point)
        var total: UInt64 = 0
        func side(_ counts: [UInt64], _ offset: Int32) -> [UInt8] {
            var side = WireMessage()
            side.add(1, varint: UInt64(UInt32(bitPattern: offset << 1 ^ offset >> 31)))
            side.add(2, counts.flatMap(WireMessage.varint))
            total = counts.reduce(total, &+)
            return side.bytes
        }
        let offsets: [Int32] = [0, 0, -5, 7, 1000, -1000, .max >> 1, .min >> 1]
        let positive = side((0..<pick(6)).map { _ in count() }, one(of: offsets))
        let negative = side((0..<pick(3)).map { _ in count() }, one(of: offsets))
        let zero = count()
        point.add(4, fixed: total &+ zero)
        point.add(5, fixed: double().bitPattern)
        let scale: Int32 = one(of: [0, 0, 1, 3, 8, 20, -4, -10])
        point.add(6, varint: UInt64(UInt32(bitPattern: scale << 1 ^ scale >> 31)))
        point.add(7, fixed: zero)
        point.add(8, positive)
        point.add(9, negative)
        point.add(14, fixed: one(of: [0, 0, 0.5, 1e-300, .infinity, .nan, -1].map(\.bitPattern)))
        exemplars(11, of: &point)
        return point.bytes
    }

    private mutating func summaryPoint() -> [UInt8] {
        var point = WireMessage()
        times(of: &point)
        attributes(7, of: &point)
        point.add(4, fixed: count())
        point.add(5, fixed: double().bitPattern)
        for _ in 0..<pick(4) {
            var quantile = WireMessage()
            quantile.add(1, fixed: one(of: [0, 0.5, 0.99, 1, -0.0, 1.5, -1, .nan].map(\.bitPattern)))
            quantile.add(2, fixed: double().bitPattern)
            point.add(6, quantile.bytes)
        }
        return point.bytes
    }

    /// Sometimes with a value that is not UTF-8: points with it are rejected.
    private mutating func attribute(_ key: String, _ value: String) -> [UInt8] {
        guard pick(60) == 0 else { return Self.keyValue(key, Array(value.utf8)) }
        return Self.keyValue(
            key, one(of: [[0xFF], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2]]))
    }

    private static func keyValue(_ key: String, _ value: [UInt8]) -> [UInt8] {
        var text = WireMessage()
        text.add(1, value)
        var pair = WireMessage()
        pair.add(1, Array(key.utf8))
        pair.add(2, text.bytes)
        return pair.bytes
    }
}

/// A protobuf message, field by field.
private struct WireMessage {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ field: UInt64, _ content: [UInt8]) {
        bytes += Self.varint(field << 3 | 2) + Self.varint(UInt64(content.count)) + content
    }

    mutating func add(_ field: UInt64, varint value: UInt64) {
        bytes += Self.varint(field << 3) + Self.varint(value)
    }

    mutating func add(_ field: UInt64, fixed value: UInt64) {
        bytes += Self.varint(field << 3 | 1) + Self.fixed(value)
    }

    static func fixed(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

    static func varint(_ value: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
