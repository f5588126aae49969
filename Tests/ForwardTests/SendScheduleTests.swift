import Settings
import Testing

@testable import Forward

/// The schedule of exports. Times are nanoseconds.
@Suite struct SendScheduleTests {
    private static let second: UInt64 = 1_000_000_000
    private static let day = 86_400 * second

    private static func schedule(
        consumers: Int = 10, forward: ForwardSettings = ForwardSettings(),
        _ change: (inout RetrySettings) -> Void = { _ in }
    ) -> SendSchedule {
        var settings = RetrySettings()
        settings.randomizationFactor = 0
        change(&settings)
        return SendSchedule(settings, forward, consumers: consumers)
    }

    /// Sends an export and reports that it failed.
    private static func fail(
        _ schedule: inout SendSchedule, _ number: UInt64, at now: UInt64, lasting: UInt64 = 1,
        _ failure: SendFailure = SendFailure("HTTP 503")
    ) -> SendSchedule.Verdict {
        schedule.began(number, now: now)
        return schedule.failed(number, failure, now: now + lasting, random: 0)
    }

    private static func deliver(_ schedule: inout SendSchedule, _ number: UInt64, at now: UInt64) {
        schedule.began(number, now: now)
        schedule.ended(number, isDelivered: true, now: now)
    }

    @Test("after one failure another export is tried within a tenth of a second, and its success resumes all")
    func othersGoAhead() {
        var schedule = Self.schedule()
        let now = Self.day
        #expect(schedule.choice(hasFresh: true, now: now) == .oldest)
        #expect(Self.fail(&schedule, 1, at: now) == .waits)
        #expect(schedule.choice(hasFresh: true, now: now + 1) == nil)
        let next = schedule.nextChange(after: now + 1)
        #expect(next.map { $0 - now < Self.second / 10 } == true)
        #expect(schedule.choice(hasFresh: true, now: next ?? 0) == .newest)
        schedule.began(9, now: next ?? 0)
        #expect(schedule.choice(hasFresh: true, now: next ?? 0) == nil, "one probe at a time")
        schedule.ended(9, isDelivered: true, now: next ?? 0)
        #expect(schedule.choice(hasFresh: true, now: next ?? 0) == .oldest)
        #expect(schedule.choice(hasFresh: false, now: next ?? 0) == nil)
        #expect(schedule.choice(hasFresh: false, now: now + 6 * Self.second) == .number(1))
        #expect(!schedule.isClear)
    }

    @Test("simultaneous failures count once: ten final exports do not make a destination look down")
    func failuresAtOnceAreOne() {
        var schedule = Self.schedule()
        for number in 1...10 { schedule.began(UInt64(number), now: Self.day) }
        for number in 1...10 {
            _ = schedule.failed(UInt64(number), SendFailure("HTTP 503"), now: Self.day + 5, random: 0)
        }
        #expect(schedule.nextChange(after: Self.day + 5).map { $0 - Self.day < Self.second / 10 } == true)
    }

    @Test(
        "a destination that accepts nothing finally gets one probe in 30 s", arguments: [true, false])
    func downDestinationIsLeftAlone(isUnreachable: Bool) {
        var schedule = Self.schedule()
        var (now, number, probes) = (Self.day, UInt64(1), 0)
        while now < Self.day + 3600 * Self.second {
            if let choice = schedule.choice(hasFresh: true, now: now) {
                if case .number(let due) = choice { number = due } else { number += 1 }
                _ = Self.fail(&schedule, number, at: now, SendFailure("down", isUnreachable: isUnreachable))
                probes += 1
            }
            now = schedule.nextChange(after: now) ?? now + 1
        }
        #expect((110...140).contains(probes), "\(probes)")
    }

    @Test("without a connection the order is kept: the first export is retried")
    func orderIsKeptWithoutConnection() {
        var schedule = Self.schedule()
        schedule.began(1, now: Self.day)
        schedule.began(2, now: Self.day)
        for number in [1, 2] {
            let failure = SendFailure("connection refused", isUnreachable: true)
            #expect(schedule.failed(UInt64(number), failure, now: Self.day + 1, random: 0) == .waits)
        }
        var now = Self.day + 1
        for _ in 0..<5 {
            now = schedule.nextChange(after: now) ?? now + 1
            #expect(schedule.choice(hasFresh: true, now: now) == .number(1))
            _ = Self.fail(&schedule, 1, at: now, SendFailure("connection refused", isUnreachable: true))
            if schedule.choice(hasFresh: true, now: now + 1) != nil { Issue.record("no pause") }
            // The second one has been due since the first failure.
            now += 1
        }
    }

    @Test("the first and the newest export are probed alternately, so that neither can block the other")
    func probesTakeTurns() {
        var schedule = Self.schedule()
        var (now, kinds) = (Self.day, [SendSchedule.Choice]())
        for number in 1...5 {
            while schedule.choice(hasFresh: true, now: now) == nil { now = schedule.nextChange(after: now) ?? now + 1 }
            schedule.choice(hasFresh: true, now: now).map { kinds.append($0) }
            _ = Self.fail(&schedule, UInt64(number), at: now)
        }
        #expect(kinds == [.oldest, .newest, .oldest, .newest, .oldest])
    }

    @Test("Retry-After of an hour delays its export, and all once another one is refused as well")
    func retryAfterOfAnHour() {
        var schedule = Self.schedule()
        let hour = SendFailure("HTTP 429", retryAfter: .seconds(3600))
        _ = Self.fail(&schedule, 1, at: Self.day, hour)
        #expect(schedule.choice(hasFresh: true, now: Self.day + 9 * Self.second) == nil)
        let probe = Self.day + 11 * Self.second
        #expect(schedule.choice(hasFresh: true, now: probe) == .newest)
        var other = schedule
        Self.deliver(&other, 2, at: probe)
        #expect(other.choice(hasFresh: true, now: probe) == .oldest)
        #expect(other.choice(hasFresh: false, now: Self.day + 3599 * Self.second) == nil)
        #expect(other.choice(hasFresh: false, now: Self.day + 3601 * Self.second) == .number(1))
        var (now, attempts) = (probe, 0)
        while now < Self.day + 3600 * Self.second {
            if schedule.choice(hasFresh: true, now: now) != nil {
                attempts += 1
                _ = Self.fail(&schedule, UInt64(attempts + 10), at: now, hour)
            }
            now = schedule.nextChange(after: now) ?? now + 1
        }
        #expect(attempts <= 4, "\(attempts)")
    }

    @Test("a short Retry-After is respected in full", arguments: [1, 5, 10])
    func shortRetryAfter(seconds: UInt64) {
        var schedule = Self.schedule()
        _ = Self.fail(&schedule, 1, at: Self.day, SendFailure("HTTP 429", retryAfter: .seconds(Int64(seconds))))
        #expect(schedule.choice(hasFresh: true, now: Self.day + seconds * Self.second) == nil)
        #expect(schedule.choice(hasFresh: true, now: Self.day + seconds * Self.second + 2) == .newest)
    }

    @Test("an export that fails while others succeed is dropped after its attempts; one that fails with all is not")
    func attemptsAreBounded() {
        var schedule = Self.schedule(forward: ForwardSettings { $0.maxAttemptsWhileOthersSucceed = 5 })
        var now = Self.day
        for number in 2..<100 {
            now += 40 * Self.second
            #expect(Self.fail(&schedule, 1, at: now) == .waits, "\(number)")
        }
        Self.deliver(&schedule, 50, at: now)
        for round in 1...5 {
            now += 40 * Self.second
            #expect(Self.fail(&schedule, 1, at: now) == (round < 5 ? .waits : .exhausted))
            Self.deliver(&schedule, UInt64(100 + round), at: now)
        }
        #expect(schedule.isClear)
        var patient = Self.schedule(forward: ForwardSettings { $0.maxAttemptsWhileOthersSucceed = nil })
        for number in 2..<500 {
            now += 40 * Self.second
            #expect(Self.fail(&patient, 1, at: now) == .waits)
            Self.deliver(&patient, UInt64(number), at: now)
        }
    }

    @Test("exports that time out use half of the consumers; with one consumer others get equal time")
    func timeOutsDoNotHoldOthers() {
        var many = Self.schedule()
        for number in 1...10 { many.began(UInt64(number), now: Self.day) }
        for number in 1...10 {
            _ = many.failed(UInt64(number), SendFailure("no answer"), now: Self.day + 30 * Self.second, random: 0)
        }
        var now = Self.day + 31 * Self.second
        Self.deliver(&many, 20, at: now)
        now += 100 * Self.second
        for _ in 0..<5 {
            guard case .number(let number)? = many.choice(hasFresh: false, now: now) else {
                Issue.record("nothing is due")
                return
            }
            many.began(number, now: now)
        }
        #expect(many.choice(hasFresh: false, now: now) == nil)
        #expect(many.choice(hasFresh: true, now: now) == .oldest)

        var one = Self.schedule(consumers: 1)
        _ = Self.fail(&one, 1, at: Self.day, lasting: 30 * Self.second)
        now = Self.day + 40 * Self.second
        Self.deliver(&one, 2, at: now)
        #expect(one.choice(hasFresh: true, now: now) == .number(1))
        _ = Self.fail(&one, 1, at: now, lasting: 30 * Self.second)
        now += 60 * Self.second
        Self.deliver(&one, 3, at: now)
        for number in 4..<20 {
            #expect(one.choice(hasFresh: true, now: now) == .oldest)
            Self.deliver(&one, UInt64(number), at: now)
        }
        #expect(one.choice(hasFresh: false, now: now) == .number(1))
    }

    @Test("parts of an export are sent before all others")
    func partsGoFirst() {
        var schedule = Self.schedule()
        schedule.began(1, now: Self.day)
        schedule.ended(1, isDelivered: false, now: Self.day)
        schedule.hurry(7)
        schedule.hurry(8)
        #expect(schedule.choice(hasFresh: true, now: Self.day) == .number(7))
        schedule.began(7, now: Self.day)
        #expect(schedule.choice(hasFresh: true, now: Self.day) == .number(8))
        schedule.forget(8)
        #expect(schedule.choice(hasFresh: true, now: Self.day) == .oldest)
    }

    @Test("intervals of centuries do not overflow")
    func hugeIntervals() {
        var schedule = Self.schedule { settings in
            // The longest that a configuration can hold.
            settings.initialInterval = .nanoseconds(Int64.max)
            settings.maxInterval = .nanoseconds(Int64.max)
            settings.maxElapsedTime = .nanoseconds(Int64.max)
            settings.multiplier = 1000
        }
        for number in 1...5 {
            let failure = SendFailure("down", retryAfter: .seconds(Int64.max), isUnreachable: number % 2 == 0)
            #expect(Self.fail(&schedule, UInt64(number), at: UInt64.max - 10, failure) == .waits)
        }
        #expect(schedule.choice(hasFresh: true, now: UInt64.max - 1) == nil)
    }
}
