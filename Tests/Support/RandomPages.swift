import Exposition
import OTLP
import Series
import Settings

/// Pages of hostile exports, in all naming modes and formats.
struct RandomPages<Random: RandomNumberGenerator>: ~Copyable {
    struct Page {
        var body: [UInt8]
        var contentType: String
        var isOpenMetrics: Bool
    }

    private var random: Random
    private let now: UInt64 = 1_700_000_000_000_000_000
    private let translation: TranslationSettings
    private let exposition: ExpositionSettings
    /// The last page.
    private(set) var snapshot = SeriesSnapshot()
    private var store: SeriesStore

    init(random: Random) {
        var random = random
        func choose(_ count: UInt64) -> Int { Int(random.next() % count) }
        var translation = TranslationSettings()
        translation.keepsUTF8 = choose(2) == 0
        translation.addsSuffixes = choose(3) > 0
        translation.namespace = Array(["", "", "ns", "a.b", "n\0s", "1"][choose(6)].utf8)
        translation.resourceAttributes = [.none, .all, .allButService][choose(3)]
        translation.targetInfo = choose(2) == 0 ? .collector : .always
        translation.constantLabels = ConstantLabels(
            choose(3) == 0 ? ["env": "a\"\\\n", "é.x": "b"] : [:], keepsUTF8: translation.keepsUTF8)
        var settings = SeriesSettings()
        settings.firstSampleZero = choose(2) == 0
        settings.tracksExposedTimes = choose(2) == 0
        settings.writesCreated = choose(2) == 0
        self.translation = translation
        exposition = ExpositionSettings(
            timestamps: settings.tracksExposedTimes, createdTimestamps: settings.writesCreated,
            hasQuotedLabelNames: translation.keepsUTF8)
        // Keys chosen by a fuzzer could be all equal, and fingerprints would collide.
        var keys = SeededRandom(seed: random.next())
        store = SeriesStore(
            settings: settings, translation: PrometheusTranslation(settings: translation), using: &keys)
        self.random = random
    }

    /// Ingests a few exports.
    mutating func ingest() {
        var exports = HostileExport(random: random, now: now)
        var batch = MetricsBatch()
        for number in 0...random.next() % 3 {
            let export = exports.next()
            do {
                // The batch points into the export.
                let outcome = try export.withUnsafeBytes { bytes in
                    try batch.decode(bytes, as: .protobuf)
                    return try store.ingest(batch, receivedAt: now + number * 1_000_000_000)
                }
                precondition(outcome.acceptedPoints + outcome.rejectedPoints == batch.pointCount)
                let violations = store.checkInvariants()
                precondition(violations.isEmpty, "\(violations)")
            } catch {
                preconditionFailure("an export is not readable: \(error)")
            }
        }
        random = exports.random
        let reader: SnapshotReader = random.next() % 2 == 0 ? .any : .prometheus
        snapshot = TargetInfo(settings: translation).added(to: store.snapshot(at: now + 5_000_000_000, for: reader))
    }

    /// The page for a reader.
    func page(_ format: ExpositionFormat, _ escaping: NameEscaping) -> Page {
        let body = body(format, escaping, isPrepared: false)
        precondition(body == self.body(format, escaping, isPrepared: true), "a prepared page is another one")
        return Page(
            body: body, contentType: format.contentType(escaping: escaping),
            isOpenMetrics: format == .openMetrics100 || format == .openMetrics001)
    }

    private func body(_ format: ExpositionFormat, _ escaping: NameEscaping, isPrepared: Bool) -> [UInt8] {
        let response = ScrapeResponse(format: format, escaping: escaping, hasBody: true)
        var written = FormattedExposition(snapshot, as: response, settings: exposition)
        if isPrepared { written.prepare() }
        var body: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while case let count = piece.withUnsafeMutableBytes({ written.write(into: $0) }), count > 0 {
            body += piece[..<count]
        }
        return body
    }

    /// Whether names may need quotes or escapes.
    var keepsUTF8: Bool { translation.keepsUTF8 }

    /// Parses the text pages of one escaping strictly, and compares them: OpenMetrics shows the same as the text
    /// format, except sums that are not counters and their counts, and adds only creation times.
    func check(_ escaping: NameEscaping) throws {
        let text = try StrictPage(page(.text004, escaping).body, isOpenMetrics: false)
        let openMetrics = try StrictPage(page(.openMetrics100, escaping).body, isOpenMetrics: true)
        let (shown, wanted) = (Self.plain(openMetrics), Self.plain(text))
        for (key, value) in wanted where shown[key].map({ $0 == value || $0.isNaN && value.isNaN }) != true {
            let name = String(decoding: key.name, as: UTF8.self)
            guard shown[key] == nil, openMetrics.mayLeaveOut(name) else {
                throw PageLine.Fault(reason: "not in OpenMetrics as in text", line: name)
            }
        }
        for key in shown.keys where wanted[key] == nil {
            let name = String(decoding: key.name, as: UTF8.self)
            guard name.hasSuffix("_created") else { throw PageLine.Fault(reason: "not in text", line: name) }
        }
    }

    /// The samples with bounds and quantiles as numbers, which the formats write differently.
    private static func plain(_ page: StrictPage) -> [StrictPage.Key: Double] {
        var samples: [StrictPage.Key: Double] = [:]
        for (key, value) in page.samples {
            let labels = key.labels.map { label in
                guard let number = label.number else { return label }
                return PageLine.Label(name: label.name, value: Array("\(number)".utf8))
            }
            samples[StrictPage.Key(name: key.name, labels: Set(labels))] = value
        }
        return samples
    }
}

extension PageLine.Label {
    /// Of `le` and `quantile`.
    fileprivate var number: Double? {
        let isNumber = name.elementsEqual("le".utf8) || name.elementsEqual("quantile".utf8)
        return isNumber ? Double(String(decoding: value, as: UTF8.self)) : nil
    }
}

extension StrictPage {
    /// Whether OpenMetrics has a reason to leave out a sample of this name.
    fileprivate func mayLeaveOut(_ name: String) -> Bool {
        func type(without suffix: String) -> String? {
            name.hasSuffix(suffix) ? types[Array(name.dropLast(suffix.count).utf8)] : nil
        }
        return type(without: "_sum") == "histogram" || type(without: "_sum") == "summary"
            || type(without: "_count") == "histogram"
    }
}
