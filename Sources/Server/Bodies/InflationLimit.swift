/// The size to which a compressed body may be decompressed.
struct InflationLimit {
    /// Maximum size of any body.
    let bodyLimit: Int
    /// Maximum size of this body.
    let bytes: Int
    private let ratio: Int

    /// Up to this size any compression ratio is allowed: small exports of similar records compress very well. 1 MiB.
    static let freeBytes = 1 << 20

    /// - Parameters:
    ///   - sent: bytes of the coded body.
    ///   - ratio: see `ServerLimits.maxInflateRatio`.
    init(bodyLimit: Int, sent: Int, ratio: Int) {
        self.bodyLimit = bodyLimit
        self.ratio = ratio
        let (product, overflow) = sent.multipliedReportingOverflow(by: ratio)
        bytes = min(bodyLimit, overflow ? .max : max(Self.freeBytes, product))
    }

    /// Why `Inflater` refused the body: its size or its ratio was too large.
    func refusal(for refusal: ServerRefusal) -> ServerRefusal {
        guard case .bodyTooLarge = refusal, bytes < bodyLimit else { return refusal }
        return .inflatesTooFar(ratio: ratio)
    }
}
