/// The current body's part of the budget: none as long as it arrives in one read and stays small.
struct HeldBytes {
    private var claim: BodyClaim?

    /// Claims this many bytes.
    /// - Parameter giveWay: creates the closure for `BodyBudget.claim`.
    /// - Returns: false if they are not available, or the body was refused for others.
    mutating func grow(
        to bytes: Int, of budget: BodyBudget, giveWay: () -> @Sendable () -> Void
    ) -> Bool {
        let claim = self.claim ?? budget.claim(giveWay: giveWay())
        self.claim = claim
        return claim.grow(to: bytes)
    }

    /// The same for a complete body: from now on it is not refused for others.
    mutating func growWhole(
        to bytes: Int, of budget: BodyBudget, giveWay: () -> @Sendable () -> Void
    ) -> Bool {
        if claim == nil, bytes <= BodyBudget.freeBytes { return true }
        return grow(to: bytes, of: budget, giveWay: giveWay) && keep()
    }

    /// The body is complete: it is no longer refused for others.
    /// - Returns: false if it already was.
    func keep() -> Bool { claim?.keep() ?? true }

    /// Whether the body was refused for others.
    var gaveWay: Bool { claim?.hasEnded ?? false }

    /// The body is answered, or dropped. May be called again.
    mutating func end() {
        claim?.end()
        claim = nil
    }
}
