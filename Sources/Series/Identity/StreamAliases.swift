internal import CMemory

/// Attributes as received -> the stream they stand for. One stream may be known by several aliases: the same attributes
/// in JSON and in protobuf, or in another order.
///
/// The bytes themselves are not kept, only their fingerprints: they would be a third of what a series weighs.
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

    /// Asks the processor to bring near what `find` will look at. Series of a large export lie all over the memory:
    /// waiting for one after the other costs more than all the rest of a lookup.
    @inline(__always)
    func prefetch(_ fingerprint: Fingerprint) {
        guard let candidate = index.candidate(fingerprint.hash) else { return }
        aliases.withUnsafeBytes {
            prefetch_bytes($0.baseAddress.map { $0 + Int(candidate) * MemoryLayout<Alias>.stride }, 1)
        }
    }

    /// Adds an alias that `find` does not know. Returns its number, for `remove`.
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
    /// - Parameter owners: every alias that a stream knows, with that stream.
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
