internal import OTLP

/// The exemplars of one series: the latest of a counter, the latest of each bucket of a histogram (R-EX-03).
struct SeriesExemplars {
    private struct Entry {
        var place: Place
        var exemplar: SampleExemplar
    }

    /// Where an exemplar is shown; there is one of each.
    enum Place: Equatable {
        case counter
        /// The bucket that ends here; +Inf is one.
        case bucket(upperBound: Double)
        /// A bucket of an exponential histogram with positive or negative observations, or the zero bucket.
        case exponential(index: Int, sign: Int8)
    }

    private var entries: [Entry] = []
    /// Memory of all of them, bytes.
    var weight: Int { entries.reduce(0) { $0 + StateWeight.exemplar + $1.exemplar.labels.count } }

    var count: Int { entries.count }

    /// Whether an exemplar of this time would be kept within the limit.
    func takes(_ place: Place, time: UnixNanoseconds, mayGrow: Bool) -> Bool {
        guard let known = entries.first(where: { $0.place == place }) else { return mayGrow }
        return time >= known.exemplar.time
    }

    /// The bytes that an exemplar adds at its place.
    func growth(by exemplar: SampleExemplar, at place: Place) -> Int {
        guard let known = entries.first(where: { $0.place == place }) else {
            return StateWeight.exemplar + exemplar.labels.count
        }
        return exemplar.labels.count - known.exemplar.labels.count
    }

    mutating func keep(_ exemplar: SampleExemplar, at place: Place) {
        if let position = entries.firstIndex(where: { $0.place == place }) {
            entries[position].exemplar = exemplar
        } else {
            entries.append(Entry(place: place, exemplar: exemplar))
        }
    }

    /// Ascending by value.
    var ascending: [SampleExemplar] {
        entries.map(\.exemplar).sorted { $0.value.isLess(than: $1.value) }
    }

    /// The latest of each bucket of these bounds, ascending by value: the buckets on the page may be wider than those
    /// for which exemplars were kept.
    func ascending(in bounds: [Double]) -> [SampleExemplar] {
        var latest: [Int: SampleExemplar] = [:]
        for entry in entries {
            let bucket = SeriesExemplars.bucket(of: entry.exemplar.value.number, in: bounds)
            if let other = latest[bucket], other.time > entry.exemplar.time { continue }
            latest[bucket] = entry.exemplar
        }
        return latest.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The position of the bucket that holds a value: that of the first bound that is not below it.
    static func bucket(of value: Double, in bounds: [Double]) -> Int {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension SampleValue {
    /// The nearest double.
    var number: Double {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        }
    }
}
