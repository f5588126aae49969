internal import Platform
internal import Settings

/// Decides which export of a queue is sent next, and when. Times are nanoseconds of `monotonicTime`.
///
/// A failed export waits for its own retry time, and others go ahead. Only if nothing succeeds between failures is the
/// destination considered unavailable. Then one export at a time is tried, at growing intervals, alternating between
/// the oldest and the newest: the oldest may be one that the destination never takes.
struct SendSchedule {
    /// The export that is to be sent.
    enum Choice: Equatable {
        /// The oldest that was not tried yet.
        case oldest
        /// The newest that was not tried yet.
        case newest
        case number(UInt64)
    }

    /// What happens to a failed export.
    enum Verdict: Equatable {
        case waits
        /// `RetrySettings.maxElapsedTime` has passed, or retries are off.
        case expired
        /// The attempts of `ForwardSettings.maxAttemptsWhileOthersSucceed` are used up.
        case exhausted
    }

    /// The state of an export whose last attempt failed.
    struct Trouble {
        fileprivate(set) var attempts = 0
        /// Why the last attempt failed.
        fileprivate(set) var reason = ""
        /// When the first attempt began.
        let begin: UInt64
        fileprivate var backOff: BackOff
        /// Attempts that failed although the destination took other exports since the one before.
        fileprivate var lonelyFailures = 0
        fileprivate var deliveriesSeen: UInt64
    }

    /// An export that is being sent.
    private struct Attempt {
        let begin: UInt64
        let round: UInt64
        let isRetry: Bool
        /// `deliveries` when it began.
        let deliveries: UInt64
    }

    private let retry: RetrySettings
    /// See `ForwardSettings.maxAttemptsWhileOthersSucceed`.
    private let attemptsLimit: Int?
    /// Failed exports that may be sent at once, so that those that time out do not occupy all consumers.
    private let retriesLimit: Int
    private(set) var troubles: [UInt64: Trouble] = [:]
    /// The failed exports that are not being sent, by the time of their retry.
    private var waiting: [(time: UInt64, number: UInt64)] = []
    /// Exports that are sent before all others.
    private var first: [UInt64] = []
    private var attempts: [UInt64: Attempt] = [:]
    /// Exports that the destination took.
    private var deliveries: UInt64 = 0
    /// Grows with every failure of an attempt that began after the previous failure: simultaneous failures count as
    /// one.
    private var round: UInt64 = 0
    /// Number of such failures since the last success.
    private var streak = 0
    /// Whether the last of them had no connection: then no other export would succeed, and the order is kept.
    private var isUnreachable = false
    private var probes: BackOff
    /// Nothing is sent before this time.
    private var opening: UInt64 = 0
    /// The same, as requested by the destination.
    private var askedOpening: UInt64 = 0
    /// How much longer failed exports were being sent than others, in nanoseconds; while it is above 0, new exports go
    /// first.
    private var debt: UInt64 = 0

    /// The longest time that a destination may ask to wait. 1 hour.
    private static let retryAfterLimit: Duration = .seconds(3600)
    /// A destination that asks for more may mean one export only: after this time another one is tried, and after six
    /// times as long each time that fails as well. 10 s.
    private static let firstDoubt: Duration = .seconds(10)
    /// Upper bound of `debt`. 30 s.
    private static let debtLimit: UInt64 = 30_000_000_000
    /// While draining, no wait is longer than this, and no more failures in a row are tolerated. 1 s and 3.
    private static let drainingPause: UInt64 = 1_000_000_000
    private static let drainingFailures = 3

    /// - Parameter consumers: exports that may be sent at once.
    init(_ retry: RetrySettings, _ forward: ForwardSettings, consumers: Int) {
        self.retry = retry
        attemptsLimit = forward.maxAttemptsWhileOthersSucceed
        retriesLimit = max(1, consumers / 2)
        probes = .probes(retry)
    }

    /// Whether no export waits for another attempt.
    var isClear: Bool { troubles.isEmpty }
    var hasAttempts: Bool { !attempts.isEmpty }

    private var isInDoubt: Bool { streak > 0 && retry.isEnabled }
    private var opensAt: UInt64 { max(opening, askedOpening) }
}

// MARK: - Choosing

extension SendSchedule {
    /// The export to send now; nil: none.
    /// - Parameter hasFresh: whether there are exports that were not tried yet.
    func choice(hasFresh: Bool, now: UInt64) -> Choice? {
        guard now >= opensAt else { return nil }
        let due = waiting.first.flatMap { $0.time <= now ? Choice.number($0.number) : nil }
        let part = first.first.map(Choice.number)
        if isInDoubt {
            guard !attempts.values.contains(where: { $0.round == round }) else { return nil }
            if isUnreachable {
                let oldest = waiting.prefix { $0.time <= now }.map(\.number).min().map(Choice.number)
                return part ?? oldest ?? (hasFresh ? .oldest : nil)
            }
            if hasFresh, streak % 2 == 1 { return .newest }
            return part ?? due ?? (hasFresh ? .oldest : nil)
        }
        if let part { return part }
        if let due, !(hasFresh && debt > 0), attempts.values.count(where: \.isRetry) < retriesLimit { return due }
        return hasFresh ? .oldest : nil
    }

    /// The time at which `choice` may change without another call.
    func nextChange(after now: UInt64) -> UInt64? {
        [opensAt, waiting.first?.time ?? 0].filter { $0 > now }.min()
    }

    /// Whether a shutdown should wait: something may be sent soon, and the destination may take it.
    func isHopeful(hasFresh: Bool, now: UInt64) -> Bool {
        let time = max(now, opensAt)
        guard streak <= Self.drainingFailures, time <= now &+ Self.drainingPause else { return false }
        return hasFresh || !first.isEmpty || waiting.first.map { $0.time <= time } ?? false
    }

    /// The failed export that has waited longest.
    var oldestTrouble: Trouble? { troubles.min { $0.key < $1.key }?.value }
}

// MARK: - What happens to exports

extension SendSchedule {
    /// An export is handed out.
    mutating func began(_ number: UInt64, now: UInt64) {
        if let trouble = troubles[number] {
            attempts[number] = Attempt(begin: now, round: round, isRetry: true, deliveries: trouble.deliveriesSeen)
            waiting.removeAll { $0.number == number }
        } else {
            attempts[number] = Attempt(begin: now, round: round, isRetry: false, deliveries: deliveries)
        }
        first.removeAll { $0 == number }
    }

    /// An export is finished: delivered, or refused finally.
    mutating func ended(_ number: UInt64, isDelivered: Bool, now: UInt64) {
        let attempt = end(number, now: now)
        troubles[number] = nil
        if isDelivered { deliveries &+= 1 }
        // It responds correctly, so it is available.
        streak = 0
        opening = 0
        probes = .probes(retry)
        if let attempt, attempt.round == round { askedOpening = 0 }
    }

    /// An attempt failed.
    /// - Parameter random: 0 to 1, selects within the allowed range of intervals.
    mutating func failed(_ number: UInt64, _ failure: SendFailure, now: UInt64, random: Double) -> Verdict {
        guard let attempt = end(number, now: now) else { return .waits }
        let asked = failure.retryAfter.map { min($0, Self.retryAfterLimit) } ?? .zero
        if attempt.round == round { destinationFailed(now: now, random: random, isUnreachable: failure.isUnreachable) }
        askedOpening = max(askedOpening, now.later(by: min(asked, doubt)))
        var trouble =
            troubles[number]
            ?? Trouble(begin: attempt.begin, backOff: BackOff(retry), deliveriesSeen: attempt.deliveries)
        trouble.attempts += 1
        trouble.reason = failure.reason
        if trouble.deliveriesSeen != deliveries {
            trouble.deliveriesSeen = deliveries
            trouble.lonelyFailures += 1
        }
        let time = now.later(by: max(trouble.backOff.next(random: random), asked))
        let next = failure.isUnreachable && retry.isEnabled ? opening : time
        troubles[number] = nil
        if !retry.isEnabled { return .expired }
        if let limit = retry.maxElapsedTime, next > trouble.begin.later(by: limit) { return .expired }
        if let limit = attemptsLimit, trouble.lonelyFailures >= limit { return .exhausted }
        troubles[number] = trouble
        wait(number, until: next)
        return .waits
    }

    /// Sends an export before all others.
    mutating func hurry(_ number: UInt64) { first.append(number) }

    /// An export was removed without being sent.
    mutating func forget(_ number: UInt64) {
        troubles[number] = nil
        waiting.removeAll { $0.number == number }
        first.removeAll { $0 == number }
    }

    private mutating func end(_ number: UInt64, now: UInt64) -> Attempt? {
        guard let attempt = attempts.removeValue(forKey: number) else { return nil }
        let time = now &- min(now, attempt.begin)
        debt = attempt.isRetry ? min(debt &+ time, Self.debtLimit) : debt - min(debt, time)
        return attempt
    }

    private mutating func destinationFailed(now: UInt64, random: Double, isUnreachable: Bool) {
        round &+= 1
        streak += 1
        self.isUnreachable = isUnreachable
        guard retry.isEnabled else { return }
        var usual = BackOff(retry)
        let shortest = isUnreachable ? usual.next(random: random) : .zero
        opening = max(opening, now.later(by: max(probes.next(random: random), shortest)))
    }

    /// How long a destination is not tried after it asked for a pause, before another export is tried.
    private var doubt: Duration {
        (1..<max(1, streak)).reduce(Self.firstDoubt) { time, _ in min(time * 6, Self.retryAfterLimit) }
    }

    private mutating func wait(_ number: UInt64, until time: UInt64) {
        var (low, high) = (0, waiting.count)
        while low < high {
            let middle = (low + high) / 2
            if waiting[middle].time <= time { low = middle + 1 } else { high = middle }
        }
        waiting.insert((time, number), at: low)
    }
}
