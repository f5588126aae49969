package import OTLP

/// Series that somebody wants gone: test data, a person's mail address.
extension SeriesStore {
    /// Every series held, those included that are not shown now, in no particular order.
    ///
    /// Complexity: O(series + streams).
    /// - Parameters:
    ///   - now: the time of the values.
    ///   - body: gets the family, the labels as in `Exposure.labels`, and the value.
    package func forEachSeries(at now: UnixNanoseconds, _ body: (FamilyDescriptor, [UInt8], SeriesValue) -> Void) {
        exposed.forEach { number, record in
            let value = streams.value(from: record.firstStream, at: now, expiry: nil).value
            body(exposed.descriptor(of: number), record.labels, value)
        }
    }

    /// Removes the series that `isMeant` says, with all their streams, windows and exemplars.
    ///
    /// A cumulative writer leaves a tombstone, which holds a hash with a secret key, a start time and a number: if its
    /// client lives on, it counts from its later growth only. A later point of a removed series makes it anew.
    /// - Parameter isMeant: gets the family and the labels as in `Exposure.labels`.
    /// - Returns: how many there were.
    package mutating func forget(where isMeant: (FamilyDescriptor, [UInt8]) -> Bool) -> Int {
        var count = 0
        for number in exposed.numbers where isMeant(exposed.descriptor(of: number), exposed[number].labels) {
            evict(number, isCounted: false)
            count += 1
        }
        if count > 0 { evictionQueue = [] }
        identities.dropUnused()
        return count
    }
}
