internal import Server
internal import Settings
internal import Synchronization

/// The current readers of one page. Each holds a snapshot, so their number is limited: beyond the limit, readers that
/// do not read are disconnected, and Prometheus has priority. Thread-safe.
final class PageReaders: Sendable {
    /// A reader that has read nothing for this time may be disconnected for another one. 1 s.
    private static let stallTime = Duration.seconds(1)

    fileprivate struct Reader {
        var isPrometheus: Bool
        var source: ConnectionSource?
        /// Memory of its snapshot.
        var bytes: Int
        var lastMove: ContinuousClock.Instant
        /// Closes its connection; nil until it has begun to read.
        var cut: (@Sendable () -> Void)?
    }

    fileprivate struct State {
        var readers: [Int: Reader] = [:]
        var lastNumber = 0
        var waiting = 0
    }

    private let limits: PageLimits
    private let byteLimit: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limits: a quarter of the places is for Prometheus only, if there are four.
    ///   - byteLimit: of the snapshots of all readers; one reader may have more. Default 64 MiB.
    init(_ limits: PageLimits, byteLimit: Int = 64 << 20) {
        self.limits = limits
        self.byteLimit = byteLimit
    }

    /// Takes a place for a reader.
    /// - Parameters:
    ///   - source: where it comes from.
    ///   - bytes: memory of its snapshot.
    /// - Returns: nil if all places are taken by readers that keep reading.
    func enter(
        isPrometheus: Bool, from source: ConnectionSource? = nil, bytes: Int = 0,
        at now: ContinuousClock.Instant = .now
    ) -> Place? {
        let (number, cuts) = state.withLock { state -> (Int?, [(@Sendable () -> Void)?]) in
            var cuts: [(@Sendable () -> Void)?] = []
            while !state.hasPlace(for: isPrometheus, limit: limits.maxPageReaders)
                || !state.hasMemory(for: bytes, limit: byteLimit)
            {
                guard let goes = state.whoGoes(for: isPrometheus, from: source, stalledBefore: now - Self.stallTime)
                else {
                    return (nil, cuts)
                }
                cuts.append(state.readers.removeValue(forKey: goes)?.cut)
            }
            state.lastNumber += 1
            state.readers[state.lastNumber] = Reader(
                isPrometheus: isPrometheus, source: source, bytes: bytes, lastMove: now)
            return (state.lastNumber, cuts)
        }
        for cut in cuts { cut?() }
        return number.map { Place(number: $0, isPrometheus: isPrometheus, entered: now, readers: self) }
    }

    /// How many may wait for a place. 64.
    fileprivate static let waitingLimit = 64

    /// Registers a waiting reader; nil if too many wait.
    func beginWait() -> Wait? {
        let isTaken = state.withLock { state in
            guard state.waiting < Self.waitingLimit else { return false }
            state.waiting += 1
            return true
        }
        return isTaken ? Wait(until: .now + limits.pageWait, readers: self) : nil
    }

    /// A reader that waits for a place, as long as it is held.
    final class Wait: Sendable {
        private let end: ContinuousClock.Instant
        private let readers: PageReaders

        fileprivate init(until end: ContinuousClock.Instant, readers: PageReaders) {
            self.end = end
            self.readers = readers
        }

        deinit { readers.state.withLock { $0.waiting -= 1 } }

        func isOver() -> Bool { .now >= end }
    }

    /// Readers now.
    var count: Int { state.withLock { $0.readers.count } }

    /// The place of one reader; free again when it is released.
    final class Place: Sendable {
        /// When it was taken.
        let entered: ContinuousClock.Instant
        /// Whether the reader is Prometheus.
        let isPrometheus: Bool
        private let number: Int
        private let readers: PageReaders

        fileprivate init(
            number: Int, isPrometheus: Bool, entered: ContinuousClock.Instant, readers: PageReaders
        ) {
            self.number = number
            self.isPrometheus = isPrometheus
            self.entered = entered
            self.readers = readers
        }

        deinit { readers.state.withLock { _ = $0.readers.removeValue(forKey: number) } }

        /// False once another reader has it.
        var isHeld: Bool { readers.state.withLock { $0.readers[number] != nil } }

        /// - Parameter cut: closes the reader's connection; called at most once, from any thread, when another reader
        ///   needs the place.
        func begin(_ cut: @escaping @Sendable () -> Void) {
            readers.state.withLock { $0.readers[number]?.cut = cut }
        }

        /// The reader has read all available data.
        /// - Returns: whether it still has the place.
        func move(at now: ContinuousClock.Instant = .now) -> Bool {
            readers.state.withLock { state in
                state.readers[number]?.lastMove = now
                return state.readers[number] != nil
            }
        }
    }
}

extension PageReaders.State {
    fileprivate func hasPlace(for isPrometheus: Bool, limit: Int) -> Bool {
        guard readers.count < limit else { return false }
        return isPrometheus || readers.values.count { !$0.isPrometheus } < limit - limit / 4
    }

    fileprivate func hasMemory(for bytes: Int, limit: Int) -> Bool {
        readers.isEmpty || readers.values.reduce(bytes) { $0 + $1.bytes } <= limit
    }

    /// The reader to disconnect: others before Prometheus, and for Prometheus at once; of those the one that has waited
    /// longest. Everybody can send the header of Prometheus: if none of these readers waits, one of the source with most
    /// places goes, if it has two more than that of the new reader.
    fileprivate func whoGoes(
        for isPrometheus: Bool, from source: ConnectionSource?, stalledBefore limit: ContinuousClock.Instant
    ) -> Int? {
        let candidates = readers.filter { _, reader in
            guard reader.isPrometheus else { return isPrometheus || reader.lastMove <= limit }
            // While its page is prepared it cannot read.
            return isPrometheus && reader.cut != nil && reader.lastMove <= limit
        }
        let found = candidates.min { first, second in
            if first.value.isPrometheus != second.value.isPrometheus { return !first.value.isPrometheus }
            return first.value.lastMove < second.value.lastMove
        }
        if let found { return found.key }
        guard isPrometheus else { return nil }
        let places = Dictionary(grouping: readers, by: \.value.source)
        let most = places.max { $0.value.count < $1.value.count }
        guard let most, most.value.count >= (places[source]?.count ?? 0) + 2 else { return nil }
        return most.value.min { $0.value.lastMove < $1.value.lastMove }?.key
    }
}
