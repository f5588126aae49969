internal import Series

/// How the label sets of one family's samples are escaped so that no two become equal (R-LAB-07).
struct LabelEscapes: Sendable {
    private let usual: NameEscaping
    /// By the place of the sample; nil for one that cannot be told from another in any way.
    private var exceptions: [Int: NameEscaping?] = [:]

    /// The same scheme for all.
    init(_ escaping: NameEscaping) {
        usual = escaping
    }

    /// What becomes equal under `escaping` gets the `values` scheme instead; who needs no escape stays as it is.
    /// Complexity: O(labels).
    init(_ escaping: NameEscaping, of samples: [SeriesSample]) {
        self.init(escaping)
        guard escaping != .allowUTF8 else { return }
        var taken: Set<[UInt8]> = []
        var changed: [(index: Int, labels: [UInt8])] = []
        for (index, sample) in samples.enumerated() {
            let labels = RenderedLabels.rendered(sample.labels, escaping: escaping)
            if labels == sample.labels { taken.insert(labels) } else { changed.append((index, labels)) }
        }
        for (index, labels) in changed where !taken.insert(labels).inserted {
            let other = RenderedLabels.rendered(samples[index].labels, escaping: .values)
            exceptions[index] = .some(taken.insert(other).inserted ? .values : nil)
        }
    }

    /// nil when the sample is left out.
    func escaping(at index: Int) -> NameEscaping? {
        exceptions[index] ?? usual
    }
}
