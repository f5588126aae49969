internal import Series

/// The stores of an export and the scrape interval at its arrival, as stored in the journal: 32 bits.
package struct ExportRoute: Sendable, Equatable {
    /// Bit n is set for the exporter of number n.
    var exporters: UInt16

    /// Maximum number of exporters in the journal.
    static let exporterLimit = 16
    /// The interval is stored in hundredths of a second.
    private static let intervalUnit: UInt64 = 10_000_000

    /// With the interval in the upper half; at most 655 s.
    func mark(scrapeInterval: UInt64) -> UInt32 {
        let interval = UInt16(clamping: scrapeInterval / Self.intervalUnit)
        return UInt32(interval) << 16 | UInt32(exporters)
    }

    /// An interval as the journal stores it.
    static func rounded(scrapeInterval: UInt64) -> UInt64 {
        UInt64(UInt16(clamping: scrapeInterval / intervalUnit)) * intervalUnit
    }

    init(exporters: UInt16) { self.exporters = exporters }

    init(mark: UInt32) { exporters = UInt16(truncatingIfNeeded: mark) }

    static func scrapeInterval(ofMark mark: UInt32) -> UInt64 { UInt64(mark >> 16) * intervalUnit }

    func contains(_ number: Int) -> Bool { exporters & 1 << UInt16(number) != 0 }
}
