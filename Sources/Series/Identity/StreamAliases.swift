internal import CMemory

/// Attributes as received -> their stream. One stream may have several aliases: the same attributes in JSON and in
/// protobuf, or in another order.
///
/// Only fingerprints are kept: the bytes would be a third of the weight of a series.
struct StreamAliases {
    private struct Alias {
        var fingerprint: Fingerprint
        var stream: StreamID
    }

    private var aliases: [Alias] = []
    private var free: [RowID<Alias>] = []
    private var index = IndexTable()

    /// The stream with this alias.
    @inline(__always)
    func find(_ fingerprint: Fingerprint) -> StreamID? {
        aliases.withUnsafeBufferPointer { aliases in
            index.find(fingerprint.hash) { aliases[Int($0)].fingerprint == fingerprint }
                .map { aliases[Int($0)].stream }
        }
    }

    /// Prefetches the memory that `find` will read. The series of a large export are scattered over memory: waiting for
    /// one after the other costs more than the rest of the lookup.
    @inline(__always)
    func prefetch(_ fingerprint: Fingerprint) {
        guard let candidate = index.candidate(fingerprint.hash) else { return }
        aliases.withUnsafeBytes {
            prefetch_bytes($0.baseAddress.map { $0 + Int(candidate) * MemoryLayout<Alias>.stride }, 1)
        }
    }

    /// Adds an alias that `find` does not find. Returns its number, for `remove`.
    mutating func insert(_ fingerprint: Fingerprint, stream: StreamID) -> UInt32 {
        let number = aliases.insert(Alias(fingerprint: fingerprint, stream: stream), reusing: &free).number
        index.insert(fingerprint.hash, number)
        return number
    }

    mutating func remove(_ number: UInt32) {
        index.remove(aliases[Int(number)].fingerprint.hash, number)
        free.append(RowID(number))
    }
}

// MARK: - Invariants

extension StreamAliases {
    /// - Parameter owners: every alias listed in a stream, with that stream.
    func check(_ owners: [(alias: UInt32, stream: StreamID)], _ report: inout InvariantReport) {
        report.checkRows("alias of stream", count: aliases.count, used: owners.map { RowID($0.alias) }, free: free)
        index.check("aliases of streams", entries: owners.count, &report)
        for (number, stream) in owners where Int(number) < aliases.count {
            let alias = aliases[Int(number)]
            report.require(alias.stream == stream, "alias \(number) of stream \(stream): stands for \(alias.stream)")
            report.require(
                find(alias.fingerprint) == stream, "alias \(number) of stream \(stream): finds another one, or none")
        }
    }
}
