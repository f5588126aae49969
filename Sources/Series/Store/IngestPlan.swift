internal import OTLP

/// What `resolve` found out about one request.
struct IngestPlan {
    /// A batch index stands for a record, or the reason why there is none.
    enum Entry {
        case record(UInt32)
        case rejected(RejectionReason)

        /// - Parameter hasRoom: false when the record was made and taken back.
        init(_ lookup: Identities.Lookup, hasRoom: Bool) {
            switch lookup {
            case .known(let number): self = .record(number)
            case .made(let number): self = hasRoom ? .record(number) : .rejected(.stateMemory)
            case .rejected(let reason): self = .rejected(reason)
            }
        }
    }

    var resources: [Entry] = []
    var scopes: [Entry] = []
    var metrics: [Entry] = []
    /// What could not be read.
    var losses = DecodingLosses()
    /// By point: the stream, or `StreamID.none` when it is new.
    var streams: [StreamID] = []
    /// Of the points of one block.
    var fingerprints = [Fingerprint](repeating: Fingerprint(first: 0, second: 0), count: blockSize)
    /// Points looked up together.
    static let blockSize = 16

    mutating func clear() {
        resources.removeAll(keepingCapacity: true)
        scopes.removeAll(keepingCapacity: true)
        metrics.removeAll(keepingCapacity: true)
        streams.removeAll(keepingCapacity: true)
    }
}
