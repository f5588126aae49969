internal import Journal

/// The records of store 0: those of the directory itself.
enum DirectoryRecords {
    static let store: UInt16 = 0

    private enum Kind: UInt16 {
        /// By number: the name of an exporter in UTF-8.
        case exporterName = 0
        /// By number: the last known scrape interval of its page, nanoseconds, 8 bytes little-endian.
        case scrapeInterval = 1
    }

    /// The content of the records.
    struct Content {
        var names: [Int: String] = [:]
        var scrapeIntervals: [Int: UInt64] = [:]

        /// Adds a record; one of an unknown kind is skipped.
        mutating func take(_ record: JournalRecord) {
            guard let number = Int(exactly: record.id), number < ExportRoute.exporterLimit else { return }
            switch Kind(rawValue: record.kind) {
            case .exporterName: names[number] = String(decoding: record.value, as: UTF8.self)
            case .scrapeInterval where record.value.count == 8:
                scrapeIntervals[number] = UInt64(littleEndian: record.value.loadUnaligned(as: UInt64.self))
            case .scrapeInterval, nil: break
            }
        }

        /// The numbers of these exporters: known ones keep theirs, new ones get free ones.
        /// - Returns: nil if there are not enough numbers.
        func numbers(of exporters: [String]) -> [Int]? {
            var free = (0..<ExportRoute.exporterLimit).filter { names[$0] == nil }[...]
            var numbers: [Int] = []
            for name in exporters {
                guard let number = names.first(where: { $0.value == name })?.key ?? free.popFirst() else { return nil }
                numbers.append(number)
            }
            return numbers
        }
    }

    static func write(_ stores: [NumberedStore], to changes: inout RecordChanges) {
        for store in stores {
            let id = UInt64(store.number)
            changes.write(store: Self.store, kind: Kind.exporterName.rawValue, id: id) {
                $0.append(contentsOf: store.name.utf8)
            }
            guard let interval = store.series.knownScrapeInterval else { continue }
            changes.write(store: Self.store, kind: Kind.scrapeInterval.rawValue, id: id) { bytes in
                withUnsafeBytes(of: interval.littleEndian) { bytes.append(contentsOf: $0) }
            }
        }
    }
}
