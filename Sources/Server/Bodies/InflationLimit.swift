/// How much may come out of a coded body.
struct InflationLimit {
    /// Bytes that may come out, however the body is coded.
    let bodyLimit: Int
    /// Bytes that may come out of this one.
    let bytes: Int
    private let ratio: Int

    /// Up to this size a body may be inflated as far as it goes: small exports of alike records shrink very much. 1 MiB.
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

    /// What a refusal by `Inflater` means: whether the size or the ratio was too large.
    func refusal(for refusal: ServerRefusal) -> ServerRefusal {
        guard case .bodyTooLarge = refusal, bytes < bodyLimit else { return refusal }
        return .inflatesTooFar(ratio: ratio)
    }
}
