/// Scrapes on connections that were used once, to find the intervals of scrapers that open a new one each time: a proxy
/// that keeps none, a server with changing addresses.
///
/// Such scrapers cannot be distinguished, but together they have a rhythm: with k of them at one interval every sum of
/// k consecutive gaps is that interval (at offsets 0, 1 and 3 of 5 s the gaps are 1, 2, 2). The first scrape on a kept
/// connection is here until its second one.
struct SingleScrapes {
    /// Scrapes remembered at once, of all origins; the oldest one is dropped. 256.
    private static let limit = 256
    /// A connection that was not used again for this time never will be. 60 s.
    private static let returnLimit = Duration.seconds(60)
    /// The rhythm must hold for this time, as far as scrapes are remembered: a scraper with a long interval breaks it.
    /// 150 s.
    private static let rhythmWindow = Duration.seconds(150)
    /// A broken rhythm stays valid for this time: a server that starts or stops breaks it for a while. 5 minutes.
    private static let rhythmRetention = Duration.seconds(300)
    /// Scrapers in one rhythm, at most. 8.
    private static let scraperLimit = 8
    /// Sums of gaps may differ by the larger of a tenth and this, but by less than an extra scrape would cause. 0.3 s.
    private static let tolerance = Duration.milliseconds(300)
    /// Sums that differ by less are equal. 20 ms.
    private static let precision = Duration.milliseconds(20)

    private struct Scrape {
        var scraper: Scraper
        var time: ContinuousClock.Instant
        var timeout: Duration
    }

    /// The rhythm found for the scrapes of one origin.
    private struct Rhythm {
        var interval: Duration
        var lastKept: ContinuousClock.Instant
    }

    /// Oldest first.
    private var scrapes: [Scrape] = []
    private var rhythms: [Int: Rhythm] = [:]
    /// Origins of scrapes that were dropped before it was known whether their connection is used again.
    private var crowded: Set<Int> = []

    /// Adds the first scrape on a connection.
    mutating func add(_ scrape: PrometheusScrape, at now: ContinuousClock.Instant) {
        if scrapes.count >= Self.limit { crowded.insert(scrapes.removeFirst().scraper.origin) }
        scrapes.append(Scrape(scraper: scrape.scraper, time: now, timeout: scrape.timeout))
    }

    /// The connection is used again.
    /// - Returns: the time of its first scrape; nil if it is not here.
    mutating func remove(_ scraper: Scraper) -> ContinuousClock.Instant? {
        guard let place = scrapes.firstIndex(where: { $0.scraper == scraper }) else { return nil }
        return scrapes.remove(at: place).time
    }

    mutating func forget(before limit: ContinuousClock.Instant) {
        guard let first = scrapes.first, first.time <= limit else { return }
        scrapes.removeAll { $0.time <= limit }
        let origins = Set(scrapes.map(\.scraper.origin))
        rhythms = rhythms.filter { origins.contains($0.key) }
        crowded.formIntersection(origins)
    }

    var longestTimeout: Duration { scrapes.map(\.timeout).max() ?? .zero }

    struct Verdict {
        /// The longest interval of all rhythms.
        var interval: Duration?
        /// There are scrapes on new connections without a rhythm.
        var isUnknown = false
        /// Every scrape here belongs to a rhythm: none waits for its second one.
        var isSettled = true
    }

    /// The result for all scrapes.
    mutating func verdict(at now: ContinuousClock.Instant) -> Verdict {
        var verdict = Verdict()
        for (origin, scrapes) in Dictionary(grouping: scrapes, by: \.scraper.origin) {
            let isConfirmed =
                crowded.contains(origin) || scrapes.contains { now - $0.time >= Self.returnLimit }
            // Many servers that start one after the other have a rhythm too, until they scrape again.
            guard isConfirmed else {
                verdict.isSettled = false
                continue
            }
            if let interval = Self.interval(of: scrapes, at: now) {
                rhythms[origin] = Rhythm(interval: interval, lastKept: now)
            } else {
                verdict.isSettled = false
            }
            if let rhythm = rhythms[origin], now - rhythm.lastKept < Self.rhythmRetention {
                verdict.interval = max(verdict.interval ?? .zero, rhythm.interval)
            } else {
                verdict.isUnknown = true
            }
        }
        return verdict
    }

    /// Sums of as many consecutive gaps as there are scrapers.
    private struct Sums {
        var longest: Duration
        var spread: Duration

        /// Nil if they differ too much, or are too few.
        init?(of scrapers: Int, times: [ContinuousClock.Instant], recent: Int) {
            let gaps = max(2 * scrapers + 1, recent - 1)
            guard times.count > gaps else { return nil }
            let used = times.suffix(gaps + 1)
            let sums = zip(used.dropFirst(scrapers), used).map { $0 - $1 }
            guard let shortest = sums.min(), let longest = sums.max() else { return nil }
            self.longest = longest
            spread = longest - shortest
            let allowed = min(max(shortest / 10, tolerance), shortest / (3 * scrapers))
            guard spread <= allowed else { return nil }
        }
    }

    /// The interval for the smallest number of scrapers that explains these scrapes; nil without a rhythm.
    private static func interval(of scrapes: [Scrape], at now: ContinuousClock.Instant) -> Duration? {
        let times = scrapes.map(\.time)
        let recent = times.reversed().prefix { now - $0 < rhythmWindow }.count
        let timeout = scrapes.map(\.timeout).max() ?? .zero
        var found: Sums?
        for scrapers in 1...scraperLimit {
            guard let sums = Sums(of: scrapers, times: times, recent: recent), sums.longest >= timeout else { continue }
            // Two scrapers that alternate look nearly like one with half the interval, but less exactly.
            guard let known = found, known.spread < precision || sums.spread > known.spread / 3 else {
                found = sums
                continue
            }
        }
        return found?.longest
    }
}
