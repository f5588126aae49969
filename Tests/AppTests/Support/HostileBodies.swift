/// Hostile and valid bodies for the OTLP port; the same for the same seed.
///
/// Some are random exports, some repeated ones, some noise, and many are mutated exports: flipped bits, pieces cut,
/// doubled or swapped, lengths and numbers exchanged.
struct HostileBodies {
    enum Encoding: UInt8 {
        case protobuf = 0
        case json = 1
    }

    struct Body {
        var encoding: Encoding
        var bytes: [UInt8]
    }

    private var random: SeededRandom
    private let recorded: [Body]
    /// Recent exports, to repeat or mutate.
    private var recent: [Body] = []
    private static let recentLimit = 256

    /// - Parameter recorded: exports of real clients, not compressed; not empty.
    init(seed: UInt64, recorded: [Body]) {
        random = SeededRandom(seed: seed)
        self.recorded = recorded
    }

    mutating func next() -> Body {
        switch random.next(100) {
        case ..<40: return remember(madeUp())
        case ..<46: return recent.isEmpty ? madeUp() : random.element(of: recent)
        case ..<48: return random.element(of: recorded)
        case ..<93:
            var body = random.next(5) == 0 || recent.isEmpty ? random.element(of: recorded) : random.element(of: recent)
            for _ in 0...random.next(2) {
                change(&body.bytes, random.element(of: recent.isEmpty ? recorded : recent).bytes)
            }
            return body
        default: return noise()
        }
    }

    private mutating func remember(_ body: Body) -> Body {
        if recent.count < Self.recentLimit {
            recent.append(body)
        } else {
            recent[random.next(recent.count)] = body
        }
        return body
    }

    // MARK: - Changes

    private mutating func change(_ bytes: inout [UInt8], _ other: [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = other
            return
        }
        let place = random.next(bytes.count)
        let length = min(random.next(2) == 0 ? 1 + random.next(8) : 1 + random.next(100), bytes.count - place)
        switch random.next(10) {
        case 0, 1: bytes[place] ^= 1 << UInt8(random.next(8))
        case 2: bytes[place] = UInt8(random.next(256))
        case 3: bytes[place] = random.element(of: Self.telling)
        case 4: bytes.removeSubrange(place...)
        case 5: bytes.removeSubrange(place..<(place + length))
        case 6: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
        case 7: bytes.insert(contentsOf: (0..<length).map { _ in UInt8(random.next(256)) }, at: place)
        case 8: bytes.replaceSubrange(place..., with: other.suffix(random.next(other.count + 1)))
        default:
            let from = random.next(other.count + 1)
            bytes.replaceSubrange(
                place..<(place + length), with: other[from..<min(from + length, other.count)])
        }
    }

    /// Bytes with a meaning in one of the encodings.
    private static let telling: [UInt8] =
        [0, 1, 7, 8, 0x0A, 0x12, 0x39, 0x3A, 0x7F, 0x80, 0xC0, 0xED, 0xFF] + Array(#""\{}[],:0-+.eEnt/u"#.utf8)

    private mutating func noise() -> Body {
        if random.next(2) == 0 {
            let bytes = (0..<random.next(120)).map { _ in UInt8(random.next(256)) }
            return Body(encoding: random.next(2) == 0 ? .protobuf : .json, bytes: bytes)
        }
        let words = (0..<random.next(40)).map { _ in random.element(of: Self.words) }
        return Body(encoding: .json, bytes: Array(words.joined().utf8))
    }

    private static let words = [
        "{", "}", "[", "]", ",", ":", "\"resourceMetrics\"", "\"scopeMetrics\"", "\"metrics\"", "\"\\ud800\"", "1",
        "-0", "1e999", "null", "true", " ", "{\"resourceMetrics\":[", "]}",
    ]

    // MARK: - Exports

    private mutating func madeUp() -> Body {
        let draft = DraftExport(
            resource: resource(), scopeName: random.element(of: ["", "scope", "other.scope"]),
            scopeVersion: random.element(of: ["", "1.0"]), metrics: (0...random.next(2)).map { _ in metric() })
        if random.next(3) > 0 { return Body(encoding: .protobuf, bytes: draft.protobuf) }
        let style = DraftExport.JSONStyle(
            hasBareIntegers: random.next(2) == 0, hasSnakeCase: random.next(4) == 0,
            hasUnknownKeys: random.next(4) == 0, hasSpaces: random.next(4) == 0)
        return Body(encoding: .json, bytes: draft.json(style))
    }

    private mutating func resource() -> [DraftExport.Attribute] {
        var attributes = [
            DraftExport.Attribute(key: "service.name", value: .string("service-\(random.next(3))"))
        ]
        if random.next(2) == 0 {
            attributes.append(DraftExport.Attribute(key: "service.instance.id", value: .int(Int64(random.next(2)))))
        }
        if random.next(3) == 0 {
            attributes.append(DraftExport.Attribute(key: "host.name", value: .string("host-\(random.next(2))")))
        }
        if random.next(2) == 0 { attributes.reverse() }
        return attributes
    }

    /// The kinds of metrics with the names they usually have; some share a name, which the first kind keeps.
    private static let metrics: [(DraftExport.Kind, [String])] = [
        (.counter, ["requests", "cost.usage", "bytes.sent.total", "system.cpu.time", "shared_total"]),
        (.upDownCounter, ["queue", "pool", "shared.total"]), (.gauge, ["temperature", "pool", "memory"]),
        (.histogram, ["latency", "request.size", "system.io", "shared"]), (.gauge, ["latency.count"]),
    ]

    private mutating func metric() -> DraftExport.Metric {
        let (kind, names) = random.element(of: Self.metrics + Self.metrics.prefix(2))
        let name = random.next(50) == 0 ? random.element(of: ["", "€", "9.lives", "a/b c"]) : random.element(of: names)
        return DraftExport.Metric(
            name: name, unit: random.element(of: ["", "", "1", "By", "s", "By/s", "{request}"]), kind: kind,
            temporality: random.next(30) == 0 ? random.next(4) : 1 + random.next(2),
            points: (0...random.next(3)).map { _ in point(of: kind) })
    }

    private mutating func point(of kind: DraftExport.Kind) -> DraftExport.Point {
        let time = random.next(20) == 0 ? 0 : TestExport.epoch + UInt64(random.next(2000)) * 1_000_000_000
        let starts = [
            0, TestExport.epoch, TestExport.epoch + 1_000_000_000_000, time, time - min(time, 5_000_000_000),
            time - min(time, 10_000_000_000),
        ]
        return DraftExport.Point(
            attributes: attributes(), startTime: random.element(of: starts), time: time,
            number: kind == .histogram ? .buckets(buckets()) : number(),
            flags: random.next(15) == 0 ? 1 : 0)
    }

    private mutating func number() -> DraftExport.Number {
        switch random.next(40) {
        case 0: .missing
        case 1: .int(random.element(of: [.max, .min, -1, 1 << 53 + 1]))
        case 2: .double(random.element(of: [.nan, .infinity, -.infinity, -0.0, -1.5, 1e15, 0x1p-1074]))
        case ..<25: .int(Int64(random.next(100)))
        default: .double(Double(random.next(1000)) / 10)
        }
    }

    /// Few bounds, so that points of one series often have the same; one in ten is inconsistent.
    private mutating func buckets() -> DraftExport.Buckets {
        let bounds = random.element(of: [[1, 2, 4], [1, 2, 4], [1, 2, 4], [0.5, 2], [-1, 1], [], [1, .infinity]])
        var counts = (0...bounds.count).map { _ in UInt64(random.next(4)) }
        if random.next(30) == 0 { counts[0] = random.element(of: [.max, .max / 2, 1 << 53]) }
        var count = counts.reduce(0, &+)
        if bounds.isEmpty, random.next(2) == 0 { counts = [] }
        if random.next(20) == 0 { count &+= 1 }
        let sum: Double? =
            switch random.next(20) {
            case 0: nil
            case 1: random.element(of: [.nan, .infinity, -.infinity, -3.5, 1e308])
            default: Double(random.next(1000)) / 10
            }
        if random.next(40) == 0 { return DraftExport.Buckets(bounds: bounds.reversed(), counts: counts, count: count) }
        if random.next(40) == 0 { counts.append(0) }
        return DraftExport.Buckets(bounds: bounds, counts: counts, count: count, sum: sum)
    }

    private mutating func attributes() -> [DraftExport.Attribute] {
        var attributes = (0..<random.next(4)).map { _ in
            DraftExport.Attribute(
                key: random.element(of: ["model", "type", "http.route", "http_route", "job", "1st", "ключ", ""]),
                value: value(depth: 0))
        }
        if random.next(2) == 0 { attributes.reverse() }
        return attributes
    }

    private mutating func value(depth: Int) -> DraftExport.Value {
        switch random.next(depth > 2 ? 6 : 20) {
        case 0: .none
        case 1: .bool(random.next(2) == 0)
        case 2: .int(random.element(of: [0, -7, .max]))
        case 3: .double(random.element(of: [0.1, 1e21, 1e-7, -2, .nan, 123_456_789]))
        case 4: .bytes([UInt8](repeating: 0xFB, count: random.next(4)))
        case 5: .string(random.element(of: ["", "a\"b\\c\nd", "é€😀", "\u{0}\u{7F}\u{2028}<&>"]))
        case 6: .array((0..<random.next(3)).map { _ in value(depth: depth + 1) })
        case 7:
            .map((0..<random.next(3)).map { .init(key: "k\($0 % 2)", value: value(depth: depth + 1)) })
        default: .string("value-\(random.next(4))")
        }
    }
}

extension SeededRandom {
    /// A number from 0 to below `bound`.
    mutating func next(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// One of the elements, of which there must be any.
    mutating func element<Element>(of elements: [Element]) -> Element { elements[next(elements.count)] }
}
