internal import Synchronization

/// One budget of bytes for all bodies in flight, over all listeners, signals and protocols: their bytes as received and
/// as decompressed, until the response.
///
/// If a body needs more than is left, the oldest incomplete ones are refused to make room, so that clients that begin a
/// body and stop cannot keep others out. Complete bodies are never refused for others. A body that arrives in one read
/// is answered before the next read and needs no claim. Thread-safe.
package final class BodyBudget: Sendable {
    /// Bytes that a body may take without a claim: as many as arrive in one read.
    static let freeBytes = 64 << 10

    /// Bytes of all bodies together. Default 64 MiB.
    package let limit: Int

    private struct State {
        var used = 0
        /// By age, oldest first. Ended claims are removed when they are half of all.
        var claims: [BodyClaim] = []
        var overCount = 0
        var isClosed = false
        var givenWay: UInt64 = 0
    }

    private let state = Mutex(State())

    package init(limit: Int = 64 << 20) { self.limit = limit }

    /// Bytes of all bodies now.
    package var used: Int { state.withLock { $0.used } }

    /// Bodies that were refused for others so far, or because memory ran short.
    package var givenWay: UInt64 { state.withLock { $0.givenWay } }

    /// While memory runs short: refuses every incomplete body, and every new one that needs a claim.
    package func setClosed(_ isClosed: Bool) {
        let victims = state.withLock { state in
            state.isClosed = isClosed
            return isClosed ? Self.revoke(state.claims.filter { $0.canGiveWay }, in: &state) : []
        }
        for victim in victims { victim.giveWay() }
    }

    /// Begins a claim, of no bytes yet.
    /// - Parameter giveWay: called at most once, on any thread, when the body is to be refused; its bytes are released
    ///   before.
    func claim(giveWay: @escaping @Sendable () -> Void) -> BodyClaim {
        let claim = BodyClaim(budget: self, giveWay: giveWay)
        state.withLock { $0.claims.append(claim) }
        return claim
    }

    fileprivate func grow(_ claim: BodyClaim, to bytes: Int) -> Bool {
        let (isGranted, victims) = state.withLock { state -> (Bool, [BodyClaim]) in
            guard !claim.isOver else { return (false, []) }
            var victims: [BodyClaim] = []
            let missing = state.used - claim.bytes + bytes - limit
            if missing > 0 { victims = Self.oldest(missing, before: claim, in: state) }
            guard !state.isClosed || claim.isWhole, victims.reduce(0, { $0 + $1.bytes }) >= missing else {
                _ = Self.revoke([claim], in: &state)
                return (false, [])
            }
            state.used += bytes - claim.bytes
            claim.bytes = bytes
            return (true, Self.revoke(victims, in: &state))
        }
        for victim in victims { victim.giveWay() }
        return isGranted
    }

    fileprivate func keep(_ claim: BodyClaim) -> Bool {
        state.withLock { _ in
            claim.isWhole = !claim.isOver
            return claim.isWhole
        }
    }

    fileprivate func hasEnded(_ claim: BodyClaim) -> Bool { state.withLock { _ in claim.isOver } }

    fileprivate func end(_ claim: BodyClaim) { state.withLock { Self.end(claim, in: &$0) } }

    /// The oldest claims of incomplete bodies, of this many bytes together, or fewer; only those older than the asking
    /// one.
    private static func oldest(_ bytes: Int, before asking: BodyClaim, in state: State) -> [BodyClaim] {
        var found: [BodyClaim] = []
        var missing = bytes
        for claim in state.claims where claim.canGiveWay {
            if claim === asking || missing <= 0 { break }
            missing -= claim.bytes
            found.append(claim)
        }
        return found
    }

    private static func revoke(_ victims: [BodyClaim], in state: inout State) -> [BodyClaim] {
        for victim in victims { end(victim, in: &state) }
        state.givenWay += UInt64(victims.count)
        return victims
    }

    private static func end(_ claim: BodyClaim, in state: inout State) {
        guard !claim.isOver else { return }
        claim.isOver = true
        state.used -= claim.bytes
        claim.bytes = 0
        state.overCount += 1
        guard state.overCount > 32, state.overCount > state.claims.count / 2 else { return }
        state.claims.removeAll { $0.isOver }
        state.overCount = 0
    }
}

/// The bytes of one body in the budget. It must be ended.
// @unchecked: its variables are read and written only under the budget's lock.
final class BodyClaim: @unchecked Sendable {
    private let budget: BodyBudget
    fileprivate let giveWay: @Sendable () -> Void
    fileprivate var bytes = 0
    fileprivate var isWhole = false
    fileprivate var isOver = false
    fileprivate var canGiveWay: Bool { !isOver && !isWhole && bytes > 0 }

    fileprivate init(budget: BodyBudget, giveWay: @escaping @Sendable () -> Void) {
        self.budget = budget
        self.giveWay = giveWay
    }

    /// Sets the claim to this many bytes.
    /// - Returns: false if they are not available, or the body was refused for others: then the claim is over.
    func grow(to bytes: Int) -> Bool { budget.grow(self, to: bytes) }

    /// The body is complete: it is no longer refused for others.
    /// - Returns: false if it already was.
    func keep() -> Bool { budget.keep(self) }

    /// Whether the body was refused for others, or is answered.
    var hasEnded: Bool { budget.hasEnded(self) }

    /// The body is answered, or dropped. May be called again.
    func end() { budget.end(self) }
}
