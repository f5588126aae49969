internal import OTLP
internal import Platform

/// One family and its series in exposition order.
struct FamilyRecord {
    let descriptor: FamilyDescriptor
    /// The first description that was not empty (R-TYPE-09: one comment, the first), or a later one of the same metric
    /// that arrived before the first was shown.
    var help: [UInt8]
    /// `help` was shown, so it stays.
    var hasShownHelp = false
    /// Series with at least one stream that is not withdrawn.
    var activeSeries = 0
    /// Arrival of the newest point of all its series.
    var lastSeen: UnixNanoseconds = 0
    /// Another family has the same name and another type, or one of the two has lines with the name of the other.
    var hasRival = false

    /// Sorted by label bytes.
    private(set) var sorted: [SeriesID] = []
    /// Added since the last `sort`.
    private var added: [SeriesID] = []

    init(descriptor: FamilyDescriptor, help: [UInt8]) {
        self.descriptor = descriptor
        self.help = help
    }

    /// Whether a description equals `help`.
    static func isHelp(_ help: [UInt8], _ description: UnsafeRawBufferPointer) -> Bool {
        guard help.count == description.count, let other = description.baseAddress else { return false }
        return help.withUnsafeBytes { bytes in bytes.baseAddress.map { memcmp($0, other, bytes.count) == 0 } ?? false }
    }

    /// A free row.
    static let vacant = FamilyRecord(descriptor: FamilyDescriptor(name: [], type: .unknown), help: [])

    /// A free row: families have names.
    var isVacant: Bool { descriptor.name.isEmpty }

    var isEmpty: Bool { sorted.isEmpty && added.isEmpty }

    /// Whether a scrape at `now` would show any of its series.
    func isLive(at now: UnixNanoseconds, expiry: UInt64?) -> Bool {
        guard activeSeries > 0 else { return false }
        guard let expiry else { return true }
        return now < lastSeen || now - lastSeen < expiry
    }

    mutating func append(_ series: SeriesID) { added.append(series) }

    /// Updates `sorted`. Complexity: O(k log k + n) for k added series.
    mutating func sort(labels: (SeriesID) -> [UInt8]) {
        guard !added.isEmpty else { return }
        let new = added.map { (series: $0, labels: labels($0)) }
            .sorted { FamilyRecord.precedes($0.labels, $1.labels) }
        added = []
        var merged: [SeriesID] = []
        merged.reserveCapacity(sorted.count + new.count)
        var position = 0
        for entry in new {
            while position < sorted.count, FamilyRecord.precedes(labels(sorted[position]), entry.labels) {
                merged.append(sorted[position])
                position += 1
            }
            merged.append(entry.series)
        }
        merged.append(contentsOf: sorted[position...])
        sorted = merged
    }

    /// Removes a series. It was idle for long, so it is nearly always sorted already. Complexity: O(log n) comparisons,
    /// and moving n numbers.
    mutating func remove(_ series: SeriesID, labels: (SeriesID) -> [UInt8]) {
        if let position = position(of: series, labels: labels) {
            sorted.remove(at: position)
            return
        }
        sort(labels: labels)
        guard let position = position(of: series, labels: labels) else {
            preconditionFailure("a live series stands in its family")
        }
        sorted.remove(at: position)
    }

    private func position(of series: SeriesID, labels: (SeriesID) -> [UInt8]) -> Int? {
        let wanted = labels(series)
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if FamilyRecord.precedes(labels(sorted[middle]), wanted) { low = middle + 1 } else { high = middle }
        }
        return low < sorted.count && sorted[low] == series ? low : nil
    }

    private static func precedes(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.withUnsafeBytes { a in
            b.withUnsafeBytes { b in
                let common = min(a.count, b.count)
                if common > 0, let start = a.baseAddress, let other = b.baseAddress {
                    let order = memcmp(start, other, common)
                    if order != 0 { return order < 0 }
                }
                return a.count < b.count
            }
        }
    }
}

// MARK: - Invariants

extension FamilyRecord {
    /// Its series, in no particular order.
    var numbers: [SeriesID] { sorted + added }

    /// Its series are in order, and no two have the same labels.
    func check(_ name: String, _ report: inout InvariantReport, labels: (SeriesID) -> [UInt8]) {
        let texts = sorted.map(labels)
        for (earlier, later) in zip(texts, texts.dropFirst()) {
            report.require(FamilyRecord.precedes(earlier, later), "family \(name): its series are not in order")
        }
        report.compare("label sets of family \(name)", kept: numbers.count, held: Set(numbers.map(labels)).count)
    }
}
