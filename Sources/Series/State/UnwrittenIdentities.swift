internal import OTLP

/// The attributes of streams whose record is not on disk yet. Streams are found by fingerprints, so these bytes are
/// kept only here, until the record is written.
struct UnwrittenIdentities: Sendable {
    /// The identity of a stream below its metric.
    struct Identity {
        var encoding: WireEncoding
        /// As received.
        var attributes: ArraySlice<UInt8>
    }

    /// Since the last checkpoint.
    private var newest = Generation()
    /// Of checkpoints that are not complete or failed; oldest first.
    private var handedOver: [Generation] = []

    mutating func add(_ stream: StreamID, _ attributes: UnsafeRawBufferPointer, as encoding: WireEncoding) {
        newest.add(stream, attributes, as: encoding)
    }

    /// Nil if the record of the stream is already written.
    func identity(of stream: StreamID) -> Identity? {
        newest.identity(of: stream) ?? handedOver.lazy.reversed().compactMap { $0.identity(of: stream) }.first
    }

    /// The streams created since the last checkpoint.
    var newestStreams: some Collection<StreamID> { newest.streams }

    /// A checkpoint contains these streams.
    mutating func handOver() {
        guard !newest.isEmpty else { return }
        handedOver.append(newest)
        newest = Generation()
    }

    /// The records passed to the last checkpoint are on disk.
    mutating func dropHandedOver() { handedOver.removeAll() }

    /// In a few large blocks, since all are freed at once: many small ones would fragment memory.
    private struct Generation: Sendable {
        private struct Place {
            var chunk: Int32
            var encoding: WireEncoding
            var start: Int32
            var end: Int32
        }

        private var chunks: [[UInt8]] = []
        private var places: [StreamID: Place] = [:]

        /// 4 KiB, since most checkpoints have few new streams.
        private static let firstChunkBytes = 4 << 10
        /// 8 MiB: the allocator returns freed blocks of this size to the system at once.
        private static let largestChunkBytes = 8 << 20

        var isEmpty: Bool { places.isEmpty }

        var streams: some Collection<StreamID> { places.keys }

        mutating func add(_ stream: StreamID, _ attributes: UnsafeRawBufferPointer, as encoding: WireEncoding) {
            if chunks.last.map({ $0.capacity - $0.count < attributes.count }) ?? true {
                var chunk: [UInt8] = []
                let doubled = chunks.last.map { min($0.capacity * 2, Self.largestChunkBytes) } ?? Self.firstChunkBytes
                chunk.reserveCapacity(max(attributes.count, doubled))
                chunks.append(chunk)
            }
            let chunk = chunks.count - 1
            let start = chunks[chunk].count
            chunks[chunk].append(contentsOf: attributes)
            places[stream] = Place(
                chunk: Int32(chunk), encoding: encoding, start: Int32(start), end: Int32(chunks[chunk].count))
        }

        func identity(of stream: StreamID) -> Identity? {
            places[stream].map {
                Identity(encoding: $0.encoding, attributes: chunks[Int($0.chunk)][Int($0.start)..<Int($0.end)])
            }
        }
    }
}
