internal import OTLP
internal import Settings

/// The exposed series by label set within their families, and the size of a page of all of them.
///
/// The caller updates the streams (`StreamRecord.series`), exemplars and times of a series that it adds or removes.
struct ExposedSeries {
    private var families: FamilyTable
    private var rows: [SeriesRecord] = []
    private var free: [SeriesID] = []
    /// Series by family and labels.
    private var index = IndexTable()
    private var hash: SeededHash

    /// Of all series, without families; see `StateWeight`.
    private var seriesWeight = 0
    /// Bytes of the lines of all series.
    private var lineBytes = 0
    /// Lines of all series.
    private var lineCount = 0
    /// Series in families of exponential histograms.
    private var exponentialCount = 0

    init(hash: SeededHash, expiration: MetricExpiration, writesCreated: Bool) {
        self.hash = hash
        families = FamilyTable(expiration: expiration, writesCreated: writesCreated)
    }

    /// Replaces the hash function; only while there are no series.
    mutating func restart(with hash: SeededHash) { self.hash = hash }

    /// Series held.
    var count: Int { rows.count - free.count }

    /// Rows of the table, including free ones.
    var rowCount: Int { rows.count }

    subscript(_ series: SeriesID) -> SeriesRecord {
        @inline(__always) get { rows[series.row] }
    }

    /// Whether a series has this number.
    func holds(_ series: SeriesID) -> Bool { series.row < rows.count && !rows[series.row].isVacant }

    /// Every series, by number.
    func forEach(_ body: (SeriesID, SeriesRecord) -> Void) {
        for (row, record) in rows.enumerated() where !record.isVacant { body(SeriesID(row: row), record) }
    }

    /// The numbers of all series, ascending.
    var numbers: [SeriesID] { rows.indices.lazy.filter { !rows[$0].isVacant }.map { SeriesID(row: $0) } }

    /// The series of a family with this label set.
    func find(_ labels: [UInt8], in family: FamilyID) -> SeriesID? {
        index.find(labelsHash(labels, in: family)) {
            rows[SeriesID($0)].family == family && rows[SeriesID($0)].labels == labels
        }.map { SeriesID($0) }
    }

    private func labelsHash(_ labels: [UInt8], in family: FamilyID) -> UInt64 {
        labels.withUnsafeBytes { hash($0, parent: UInt64(family.number)) }
    }

    /// Creates a series that `find` did not find. It has no streams and no lines yet.
    /// - Parameters:
    ///   - startTime: when its total started; 0 when not known.
    ///   - zeroUntil: see `SeriesRecord.zeroUntil`.
    mutating func insert(
        _ labels: [UInt8], in family: FamilyID, startTime: UnixNanoseconds, zeroUntil: UnixNanoseconds
    ) -> SeriesID {
        let record = SeriesRecord(
            labels: labels, family: family, firstStream: StreamID.none, activeStreams: 0,
            startTime: startTime, zeroUntil: zeroUntil)
        let number = rows.insert(record, reusing: &free)
        index.insert(labelsHash(labels, in: family), number.number)
        families.append(number, to: family)
        seriesWeight += ExposedSeries.weight(of: labels)
        if families[family].descriptor.type == .nativeHistogram { exponentialCount += 1 }
        return number
    }

    /// Frees the row of a series, and that of its family with the last one.
    mutating func remove(_ number: SeriesID) {
        let record = rows[number]
        let descriptor = families[record.family].descriptor
        if record.activeStreams > 0 { families.noteActive(false, of: record.family) }
        seriesWeight -= ExposedSeries.weight(of: record.labels)
        lineCount -= Int(record.lines)
        if descriptor.type == .nativeHistogram { exponentialCount -= 1 }
        lineBytes -= ExposedSeries.lineBytes(Int(record.lines), name: descriptor.name, labels: record.labels)
        families.remove(number, from: record.family) { [rows] in rows[$0].labels }
        index.remove(labelsHash(record.labels, in: record.family), number.number)
        rows[number] = .vacant
        free.append(number)
    }

    /// An order that depends only on what is shown: by family name, then by labels. It is the same after a restart,
    /// although series have other numbers.
    func stands(_ a: SeriesID, before b: SeriesID) -> Bool {
        let (first, second) = (rows[a], rows[b])
        let names = (families[first.family].descriptor.name, families[second.family].descriptor.name)
        if names.0 != names.1 { return names.0.lexicographicallyPrecedes(names.1) }
        return first.labels.lexicographicallyPrecedes(second.labels)
    }
}

// MARK: - One series

extension ExposedSeries {
    /// The newest stream of a series; `StreamRecord.next` links the others.
    mutating func setFirstStream(of series: SeriesID, to stream: StreamID) { rows[series].firstStream = stream }

    /// Counts one more active stream of the series: one that is not withdrawn.
    mutating func activate(_ series: SeriesID) {
        rows[series].activeStreams += 1
        if rows[series].activeStreams == 1 { families.noteActive(true, of: rows[series].family) }
    }

    /// Counts one active stream of the series less.
    mutating func deactivate(_ series: SeriesID) {
        rows[series].activeStreams -= 1
        if rows[series].activeStreams == 0 { families.noteActive(false, of: rows[series].family) }
    }

    /// Sets when the exposed total started.
    mutating func setStartTime(of series: SeriesID, to time: UnixNanoseconds) { rows[series].startTime = time }

    /// Sets until when Prometheus sees 0.
    mutating func setZeroUntil(of series: SeriesID, to time: UnixNanoseconds) { rows[series].zeroUntil = time }
}

// MARK: - Families

extension ExposedSeries {
    /// Families held.
    var familyCount: Int { families.count }

    /// The family of this number, which must exist.
    func family(_ number: FamilyID) -> FamilyRecord { families[number] }

    /// Name and type of the family of a series.
    func descriptor(of series: SeriesID) -> FamilyDescriptor { families[rows[series].family].descriptor }

    /// Whether a family has this number.
    func holds(_ family: FamilyID) -> Bool { families.holds(family) }

    /// See `FamilyTable.find`.
    func findFamily(_ descriptor: FamilyDescriptor, now: UnixNanoseconds) -> FamilyTable.Lookup {
        families.find(descriptor, now: now)
    }

    /// Creates a family that `findFamily` did not find; a series must follow.
    mutating func insertFamily(_ descriptor: FamilyDescriptor) -> FamilyID { families.insert(descriptor) }

    /// Whether a family that cannot be on one page with this one is shown at `now`.
    @inline(__always)
    func hasLiveRival(_ family: FamilyID, now: UnixNanoseconds) -> Bool { families.hasLiveRival(family, now: now) }

    /// Sets the arrival of the newest point of all series of a family.
    @inline(__always)
    mutating func noteArrival(of family: FamilyID, at now: UnixNanoseconds) {
        families.noteArrival(of: family, at: now)
    }

    /// Whether a description differs from the help of the family, and the help may still change.
    func mayChangeHelp(of family: FamilyID, to description: UnsafeRawBufferPointer) -> Bool {
        families.mayChangeHelp(of: family, to: description)
    }

    /// Sets the help of a family, if `mayChangeHelp`.
    mutating func setHelp(of family: FamilyID, to help: [UInt8]) { families.setHelp(of: family, to: help) }

    /// Bytes of all descriptions.
    var helpBytes: Int { families.helpBytes }

    /// The families with something to show, by name; sorts their series.
    mutating func inOrder() -> [FamilyID] {
        let active = families.active
        for family in active { families.sort(family) { [rows] in rows[$0].labels } }
        return active
    }

    /// Marks the help of the family as shown.
    mutating func noteShown(_ family: FamilyID) { families.noteShown(family) }
}

// MARK: - Weight, and bytes of the page

extension ExposedSeries {
    /// Of series and families; see `StateWeight`.
    var weight: Int { seriesWeight + families.weight }

    /// Approximate bytes of a page that shows all series as text.
    var pageBytes: Int { lineBytes + families.headBytes + families.helpBytes }

    /// Bytes of a snapshot of all series, without what it shares: samples and their buckets.
    var snapshotBytes: Int {
        count * MemoryLayout<SeriesSample>.stride + 8 * lineCount
            + exponentialCount * 16 * ExponentialScale.bucketLimit
    }

    /// Bytes that a new series adds to the page.
    /// - Parameter hasFamily: whether its family exists.
    static func pageBytes(of exposure: Exposure, lines: Int, hasFamily: Bool) -> Int {
        let name = exposure.family.name
        return (hasFamily ? 0 : FamilyTable.headBytes(name: name))
            + lineBytes(lines, name: name, labels: exposure.labels)
    }

    /// Bytes that a series adds to the page if it shows this number of lines; 0 if it already shows as many.
    func growth(of series: SeriesID, to lines: Int) -> Int {
        let record = rows[series]
        let more = lines - Int(record.lines)
        guard more > 0 else { return 0 }
        return ExposedSeries.lineBytes(more, name: families[record.family].descriptor.name, labels: record.labels)
    }

    /// Sets the maximum number of lines of a series.
    mutating func show(_ lines: Int, of series: SeriesID) {
        lineBytes += growth(of: series, to: lines)
        let more = max(0, lines - Int(rows[series].lines))
        lineCount += more
        rows[series].lines += UInt32(clamping: more)
    }

    /// Bytes of the lines of a series on a page: each has all labels.
    private static func lineBytes(_ lines: Int, name: [UInt8], labels: [UInt8]) -> Int {
        lines * (name.count + labels.count + StateWeight.line)
    }

    private static func weight(of labels: [UInt8]) -> Int { StateWeight.series + labels.count }
}

// MARK: - Invariants

extension ExposedSeries {
    /// Every series is found by its labels and is in its family, once; the size of the page is that of all of them.
    func check(_ report: inout InvariantReport) {
        var live: [SeriesID] = []
        var members: [FamilyID: Int] = [:]
        var (lines, native, bytes, held) = (0, 0, 0, 0)
        for (row, record) in rows.enumerated() where !record.isVacant {
            let number = SeriesID(row: row)
            live.append(number)
            members[record.family, default: 0] += record.activeStreams > 0 ? 1 : 0
            report.require(
                index.holds(labelsHash(record.labels, in: record.family), number.number),
                "series \(number): not in the index of series")
            guard holds(record.family), families[record.family].numbers.contains(number) else {
                report.require(false, "series \(number): not in its family")
                continue
            }
            let descriptor = families[record.family].descriptor
            lines += Int(record.lines)
            bytes += ExposedSeries.lineBytes(Int(record.lines), name: descriptor.name, labels: record.labels)
            held += ExposedSeries.weight(of: record.labels)
            if descriptor.type == .nativeHistogram { native += 1 }
        }
        report.checkRows("series", count: rows.count, used: live, free: free)
        index.check("series", entries: live.count, &report)
        report.compare("lines", kept: lineCount, held: lines)
        report.compare("bytes of lines", kept: lineBytes, held: bytes)
        report.compare("series of exponential histograms", kept: exponentialCount, held: native)
        report.compare("weight of series", kept: seriesWeight, held: held)
        for (family, active) in members where holds(family) { check(family, active: active, &report) }
        families.check(&report)
    }

    /// - Parameter active: number of series of the family with a stream that is not withdrawn.
    private func check(_ number: FamilyID, active: Int, _ report: inout InvariantReport) {
        let family = families[number]
        let name = String(decoding: family.descriptor.name, as: UTF8.self)
        for member in family.numbers where !holds(member) || rows[member].family != number {
            report.require(false, "family \(name): series \(member) is not its own")
        }
        report.compare("active series of family \(name)", kept: family.activeSeries, held: active)
        family.check(name, &report) { holds($0) ? rows[$0].labels : [] }
    }

    static var keptCounts: [KeptCount<ExposedSeries>] {
        let own: [KeptCount<ExposedSeries>] = [
            KeptCount("weight of series", \.seriesWeight), KeptCount("bytes of lines", \.lineBytes),
            KeptCount("lines", \.lineCount), KeptCount("exponential histograms", \.exponentialCount),
            KeptCount("active streams of a series", \.firstActiveStreams), KeptCount("lines of a series", \.firstLines),
        ]
        return own + KeptCount.of(\Self.families, FamilyTable.keptCounts, in: "families")
    }

    /// For tests, which corrupt private state.
    static var inside:
        (
            rows: WritableKeyPath<Self, [SeriesRecord]>, free: WritableKeyPath<Self, [SeriesID]>,
            families: WritableKeyPath<Self, FamilyTable>
        )
    { (\.rows, \.free, \.families) }

    /// Of the first series.
    private var firstActiveStreams: Int {
        get { Int(rows[0].activeStreams) }
        set { rows[0].activeStreams = Int32(newValue) }
    }

    /// Of the first series.
    private var firstLines: Int {
        get { Int(rows[0].lines) }
        set { rows[0].lines = UInt32(newValue) }
    }
}
