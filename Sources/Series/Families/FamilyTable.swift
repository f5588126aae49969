internal import OTLP
internal import Settings

/// The families of exposed series: one type for each name, the help, and which families cannot be on one page.
struct FamilyTable {
    /// The result of looking up the family of a new series.
    enum Lookup {
        case known(FamilyID)
        case absent
        /// The name is exposed with another type (R-TYPE-09: the first type stays until its last series is gone).
        case conflict
    }

    private let expiration: MetricExpiration
    private let writesCreated: Bool
    private var rows: [FamilyRecord] = []
    private var free: [FamilyID] = []
    private var numbers: [[UInt8]: [FamilyID]] = [:]

    /// Of all families, without descriptions, which arrive with each export; see `StateWeight`.
    private(set) var weight = 0
    /// Bytes of the HELP, TYPE and UNIT lines of all families on a page, without the descriptions.
    private(set) var headBytes = 0
    /// Bytes of all descriptions.
    private(set) var helpBytes = 0

    /// - Parameters:
    ///   - expiration: how long series are shown after their last point.
    ///   - writesCreated: whether a format writes `_created` lines; then their names are reserved.
    init(expiration: MetricExpiration, writesCreated: Bool) {
        self.expiration = expiration
        self.writesCreated = writesCreated
    }

    /// Families held.
    var count: Int { rows.count - free.count }

    subscript(_ family: FamilyID) -> FamilyRecord {
        @inline(__always) get { rows[family.row] }
    }

    /// Whether a family has this number.
    func holds(_ family: FamilyID) -> Bool { family.row < rows.count && !rows[family.row].isVacant }

    /// The family that a series of this description would join at `now`.
    func find(_ descriptor: FamilyDescriptor, now: UnixNanoseconds) -> Lookup {
        let known = (numbers[descriptor.name] ?? []).first {
            rows[$0].descriptor.type.sharesFamily(with: descriptor.type)
        }
        if let known { return hasLiveRival(known, now: now) ? .conflict : .known(known) }
        return rivals(of: descriptor).contains { isLive($0, now: now) } ? .conflict : .absent
    }

    /// Creates a family that `find` did not find.
    mutating func insert(_ descriptor: FamilyDescriptor) -> FamilyID {
        var record = FamilyRecord(descriptor: descriptor, help: [])
        let rivals = rivals(of: descriptor)
        record.hasRival = !rivals.isEmpty
        for rival in rivals { rows[rival].hasRival = true }
        let number = rows.insert(record, reusing: &free)
        numbers[descriptor.name, default: []].append(number)
        weight += FamilyTable.weight(of: descriptor)
        headBytes += FamilyTable.headBytes(name: descriptor.name)
        return number
    }

    /// Frees the row of a family without series.
    private mutating func remove(_ number: FamilyID) {
        let descriptor = rows[number].descriptor
        weight -= FamilyTable.weight(of: descriptor)
        headBytes -= FamilyTable.headBytes(name: descriptor.name)
        helpBytes -= rows[number].help.count
        let rest = (numbers[descriptor.name] ?? []).filter { $0 != number }
        numbers[descriptor.name] = rest.isEmpty ? nil : rest
        rows[number] = FamilyRecord.vacant
        free.append(number)
        for rival in rivals(of: descriptor) { rows[rival].hasRival = hasRivals(rival) }
    }

    private static func weight(of descriptor: FamilyDescriptor) -> Int {
        StateWeight.family + 2 * descriptor.name.count
    }

    /// Bytes of the HELP, TYPE and UNIT lines of one family on a page, without its description.
    static func headBytes(name: [UInt8]) -> Int { 4 * name.count + StateWeight.line }
}

// MARK: - Rivals

extension FamilyTable {
    /// Whether a family that cannot be on one page with this one is shown at `now`.
    @inline(__always)
    func hasLiveRival(_ family: FamilyID, now: UnixNanoseconds) -> Bool {
        rows[family.row].hasRival && rivals(of: rows[family.row].descriptor).contains { isLive($0, now: now) }
    }

    private func hasRivals(_ family: FamilyID) -> Bool { !rivals(of: rows[family].descriptor).isEmpty }

    private func isLive(_ family: FamilyID, now: UnixNanoseconds) -> Bool {
        rows[family].isLive(at: now, expiry: expiration.time(of: rows[family].descriptor.type))
    }

    /// The families that cannot be on one page with this one: of the same name and another type, or where the lines of
    /// one would have the name of the other, as `h_count` beside a histogram `h`.
    private func rivals(of descriptor: FamilyDescriptor) -> [FamilyID] {
        var rivals = (numbers[descriptor.name] ?? []).filter {
            !rows[$0].descriptor.type.sharesFamily(with: descriptor.type)
        }
        for suffix in LineSuffix.ofFamily(descriptor, withCreated: writesCreated) {
            rivals += numbers[suffix.lineName(of: descriptor)] ?? []
        }
        for suffix in LineSuffix.all {
            for owner in suffix.owners(ofLine: descriptor.name).flatMap({ numbers[$0] ?? [] }) {
                let other = rows[owner].descriptor
                let suffixes = LineSuffix.ofFamily(other, withCreated: writesCreated)
                if suffixes.contains(suffix), suffix.lineName(of: other) == descriptor.name { rivals.append(owner) }
            }
        }
        return rivals
    }
}

// MARK: - Series and help of one family

extension FamilyTable {
    /// Sets the arrival of the newest point of all its series.
    @inline(__always)
    mutating func noteArrival(of family: FamilyID, at now: UnixNanoseconds) { rows[family].lastSeen = now }

    /// Counts a series of the family as active or not: an active one has a stream that is not withdrawn.
    mutating func noteActive(_ isActive: Bool, of family: FamilyID) { rows[family].activeSeries += isActive ? 1 : -1 }

    /// Adds a series; `sort` moves it to its place.
    mutating func append(_ series: SeriesID, to family: FamilyID) { rows[family].append(series) }

    /// Removes a series, and the family with its last series.
    /// - Parameter labels: of any of its series.
    mutating func remove(_ series: SeriesID, from family: FamilyID, labels: (SeriesID) -> [UInt8]) {
        rows[family].remove(series, labels: labels)
        if rows[family].isEmpty { remove(family) }
    }

    /// The families with something to show, by name.
    var active: [FamilyID] {
        rows.indices.filter { rows[$0].activeSeries > 0 }
            .sorted { rows[$0].descriptor.name.lexicographicallyPrecedes(rows[$1].descriptor.name) }
            .map { FamilyID(row: $0) }
    }

    /// Sorts the series of a family.
    mutating func sort(_ family: FamilyID, labels: (SeriesID) -> [UInt8]) { rows[family].sort(labels: labels) }

    /// Marks the help of the family as shown.
    mutating func noteShown(_ family: FamilyID) { rows[family].hasShownHelp = true }

    /// Whether a description differs from the help of the family, and the help may still change.
    func mayChangeHelp(of family: FamilyID, to description: UnsafeRawBufferPointer) -> Bool {
        (!rows[family.row].hasShownHelp || rows[family.row].help.isEmpty) && !description.isEmpty
            && !FamilyRecord.isHelp(rows[family.row].help, description)
    }

    /// Sets the help of a family, if `mayChangeHelp`.
    mutating func setHelp(of family: FamilyID, to help: [UInt8]) {
        helpBytes += help.count - rows[family].help.count
        rows[family].help = help
    }
}

extension FamilyType {
    /// Both kinds of histogram are one type to Prometheus: their series are in one family, that of the first.
    fileprivate func sharesFamily(with other: FamilyType) -> Bool {
        self == other || (isHistogram && other.isHistogram)
    }

    private var isHistogram: Bool { self == .histogram || self == .nativeHistogram }
}

// MARK: - Invariants

extension FamilyTable {
    /// Every family is found by its name and has the right `hasRival`; weights and bytes are the sums over all
    /// families.
    func check(_ report: inout InvariantReport) {
        var live: [FamilyID] = []
        var (help, heads, held) = (0, 0, 0)
        for (row, family) in rows.enumerated() where !family.isVacant {
            let number = FamilyID(row: row)
            live.append(number)
            help += family.help.count
            heads += FamilyTable.headBytes(name: family.descriptor.name)
            held += FamilyTable.weight(of: family.descriptor)
            let name = String(decoding: family.descriptor.name, as: UTF8.self)
            report.require(
                numbers[family.descriptor.name]?.contains(number) == true, "family \(name): not found by its name")
            report.require(!family.isEmpty, "family \(name): has no series")
            report.require(
                family.hasRival == hasRivals(number), "family \(name): hasRival is \(family.hasRival), and wrong")
        }
        report.checkRows("family", count: rows.count, used: live, free: free)
        report.checkRows(
            "family by name", count: rows.count, used: numbers.values.flatMap(\.self), free: free)
        report.compare("bytes of heads", kept: headBytes, held: heads)
        report.compare("bytes of descriptions", kept: helpBytes, held: help)
        report.compare("weight of families", kept: weight, held: held)
    }

    static var keptCounts: [KeptCount<FamilyTable>] {
        [
            KeptCount("weight of families", \.weight), KeptCount("bytes of heads", \.headBytes),
            KeptCount("bytes of descriptions", \.helpBytes),
            KeptCount("active series of a family", \.rows[0].activeSeries),
        ]
    }

    /// For tests, which corrupt private state.
    static var inside:
        (
            rows: WritableKeyPath<Self, [FamilyRecord]>, free: WritableKeyPath<Self, [FamilyID]>,
            numbers: WritableKeyPath<Self, [[UInt8]: [FamilyID]]>
        )
    { (\.rows, \.free, \.numbers) }
}
