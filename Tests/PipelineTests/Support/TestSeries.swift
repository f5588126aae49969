import OTLP
import Series
import Settings

@testable import Exposition
@testable import Pipeline

/// The series of an exporter, at times in tenths of a second.
struct TestSeries {
    let series: SharedSeries

    init() throws {
        var settings = SeriesSettings()
        settings.firstSampleZero = true
        settings.createdAt = TestExport.epoch
        settings.signsOfLife = SessionGauges.signs()
        var generator = SeededRandom(seed: 3850)
        let translation = PrometheusTranslation(settings: TranslationSettings())
        series = SharedSeries(SeriesStore(settings: settings, translation: translation, using: &generator))
    }

    /// The interval for new series, nanoseconds.
    var interval: UInt64 { series.scrapeInterval }

    static func time(_ step: Int) -> UnixNanoseconds { TestExport.epoch + UInt64(step) * 100_000_000 }

    /// Adds 1 to the series with this number.
    func send(_ number: Int, at step: Int) throws {
        let body = Array(TestExport.sum("c", 1, time: nil, attributes: ["k": "\(number)"]).utf8)
        var batch = MetricsBatch(limits: DecodingLimits())
        try body.withUnsafeBytes { bytes in
            try batch.decode(bytes, as: .json)
            _ = try series.ingest(
                batch, at: ArrivalStamp(arrival: Self.time(step), scrapeInterval: series.scrapeInterval))
        }
    }

    func scrape(
        by scraper: Scraper, at step: Int, start: ContinuousClock.Instant
    ) throws -> [([UInt8], Double)] {
        _ = series.take(
            PrometheusScrape(scraper, timeout: .seconds(1)), at: Self.time(step),
            arrival: start + .milliseconds(100 * step), among: [series])
        let snapshot = series.snapshot(at: Self.time(step), for: .prometheus)
        return snapshot.families.flatMap(\.samples).compactMap { sample in
            guard case .number(let value) = sample.value else { return nil }
            return (sample.labels, value.asDouble)
        }
    }
}
