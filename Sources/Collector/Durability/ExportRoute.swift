internal import Series

/// Which stores an export is for and which interval between scrapes was known, as the journal keeps it: 32 bits.
struct ExportRoute: Sendable, Equatable {
    /// Bit n is set for the exporter of number n.
    var exporters: UInt16

    /// Exporters that the journal can tell apart.
    static let exporterLimit = 16
    /// The interval is kept in hundredths of a second.
    private static let intervalUnit: UInt64 = 10_000_000

    /// With the interval in the upper half; at most 655 s of it.
    func mark(scrapeInterval: UInt64) -> UInt32 {
        let interval = UInt16(clamping: scrapeInterval / Self.intervalUnit)
        return UInt32(interval) << 16 | UInt32(exporters)
    }

    /// What the journal keeps of an interval.
    static func rounded(scrapeInterval: UInt64) -> UInt64 {
        UInt64(UInt16(clamping: scrapeInterval / intervalUnit)) * intervalUnit
    }

    init(exporters: UInt16) { self.exporters = exporters }

    init(mark: UInt32) { exporters = UInt16(truncatingIfNeeded: mark) }

    static func scrapeInterval(ofMark mark: UInt32) -> UInt64 { UInt64(mark >> 16) * intervalUnit }

    func contains(_ number: Int) -> Bool { exporters & 1 << UInt16(number) != 0 }
}
