internal import Journal
internal import Settings

/// Decides which export of a queue is sent next, and when. Times are nanoseconds of `monotonicTime`.
///
/// An export that failed waits for a time of its own, and the others go ahead. Only while nothing succeeds between
/// failures is the destination taken to be down. Then one export at a time goes, in growing intervals, and by turns the
/// first and the newest one: the first may be what is never taken.
struct SendSchedule {
    /// The export that is to be sent.
    enum Choice: Equatable {
        /// The first one that was not tried yet.
        case oldest
        /// The last one that was not tried yet.
        case newest
        case number(UInt64)
    }

    /// What becomes of an export that failed.
    enum Verdict: Equatable {
        case waits
        /// `RetrySettings.maxElapsedTime` is over, or it is not to be sent again at all.
        case expired
        /// `ForwardSettings.maxAttemptsWhileOthersSucceed` are over.
        case exhausted
    }

    /// What is known of an export whose last attempt failed.
    struct Trouble {
        fileprivate(set) var attempts = 0
        /// Why the last one failed.
        fileprivate(set) var reason = ""
        /// When the first attempt began.
        let begin: UInt64
        fileprivate var backOff: BackOff
        /// Attempts that failed although the destination took other exports since the one before.
        fileprivate var lonelyFailures = 0
        fileprivate var deliveriesSeen: UInt64
    }

    /// An export that is on its way.
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
    /// Exports that failed before and may be on their way at once, so that those that time out do not hold everybody.
    private let retriesLimit: Int
    private(set) var troubles: [UInt64: Trouble] = [:]
    /// The exports in trouble that are not on their way, by when they are sent again.
    private var waiting: [(time: UInt64, number: UInt64)] = []
    /// Exports that go before all others.
    private var first: [UInt64] = []
    private var attempts: [UInt64: Attempt] = [:]
    /// Exports that the destination took.
    private var deliveries: UInt64 = 0
    /// Grows with every failure of an attempt that began after the one before: failures at the same time are one.
    private var round: UInt64 = 0
    /// Such failures since the last success.
    private var streak = 0
    /// Whether the last of them was no connection: then no other export fares better, and the order is kept.
    private var isUnreachable = false
    private var probes: BackOff
    /// Nothing is sent before.
    private var opening: UInt64 = 0
    /// The destination asked for it.
    private var askedOpening: UInt64 = 0
    /// How much longer exports in trouble were on their way than others, in nanoseconds: while others wait, they owe it.
    private var debt: UInt64 = 0

    /// The longest that a destination may ask to be left alone. 1 hour.
    private static let retryAfterLimit: Duration = .seconds(3600)
    /// A destination that asks for more may mean one export only: after this time another one is tried, and after six
    /// times as long again each time that fails as well. 10 s.
    private static let firstDoubt: Duration = .seconds(10)
    /// The most that exports in trouble may owe. 30 s.
    private static let debtLimit: UInt64 = 30_000_000_000
    /// While draining, nobody waits for longer than this, nor for more failures in a row. 1 s and 3.
    private static let drainingPause: UInt64 = 1_000_000_000
    private static let drainingFailures = 3

    /// - Parameter consumers: exports that may be on their way at once.
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
    /// What is to be sent now; nil: nothing.
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

    /// When `choice` may say something else although nothing has happened.
    func nextChange(after now: UInt64) -> UInt64? {
        [opensAt, waiting.first?.time ?? 0].filter { $0 > now }.min()
    }

    /// Whether the end of the program is worth waiting for: something may be sent soon, and the destination may take it.
    func isHopeful(hasFresh: Bool, now: UInt64) -> Bool {
        let time = max(now, opensAt)
        guard streak <= Self.drainingFailures, time <= now &+ Self.drainingPause else { return false }
        return hasFresh || !first.isEmpty || waiting.first.map { $0.time <= time } ?? false
    }

    /// The export that waits for longest, of those that failed.
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

    /// An export is done with: delivered, or the destination said that it will never take it.
    mutating func ended(_ number: UInt64, isDelivered: Bool, now: UInt64) {
        let attempt = end(number, now: now)
        troubles[number] = nil
        if isDelivered { deliveries &+= 1 }
        // It answers as it should, so it is up.
        streak = 0
        opening = 0
        probes = .probes(retry)
        if let attempt, attempt.round == round { askedOpening = 0 }
    }

    /// An attempt failed.
    /// - Parameter random: 0 to 1, which of the times that are allowed.
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

    /// An export is to go before all others.
    mutating func hurry(_ number: UInt64) { first.append(number) }

    /// An export is gone although nobody sent it.
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

    /// For how long a destination that asks for it is left alone before another export is tried.
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

extension UInt64 {
    /// The time that is so much later, or the last one there is.
    fileprivate func later(by duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        let (whole, isTooLong) = UInt64(clamping: seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (time, isTooLate) = whole.addingReportingOverflow(UInt64(clamping: attoseconds / 1_000_000_000))
        let (sum, isBeyond) = addingReportingOverflow(time)
        return isTooLong || isTooLate || isBeyond ? .max : sum
    }
}
