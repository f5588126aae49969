/// What the body at hand takes of the budget: nothing as long as it comes in one read and stays small.
struct HeldBytes {
    private var claim: BodyClaim?

    /// Makes it a claim of so many bytes.
    /// - Parameter giveWay: makes what `BodyBudget.claim` calls.
    /// - Returns: false when they cannot be had, or the body gave way to others.
    mutating func grow(
        to bytes: Int, of budget: BodyBudget, giveWay: () -> @Sendable () -> Void
    ) -> Bool {
        let claim = self.claim ?? budget.claim(giveWay: giveWay())
        self.claim = claim
        return claim.grow(to: bytes)
    }

    /// The same for a body that is whole: from here on it gives way to nobody.
    mutating func growWhole(
        to bytes: Int, of budget: BodyBudget, giveWay: () -> @Sendable () -> Void
    ) -> Bool {
        if claim == nil, bytes <= BodyBudget.freeBytes { return true }
        return grow(to: bytes, of: budget, giveWay: giveWay) && keep()
    }

    /// The body is whole: it gives way to nobody any more.
    /// - Returns: false when it did already.
    func keep() -> Bool { claim?.keep() ?? true }

    /// Whether the body gave way to others.
    var gaveWay: Bool { claim?.hasEnded ?? false }

    /// The body is answered, or given up. May be called again.
    mutating func end() {
        claim?.end()
        claim = nil
    }
}
