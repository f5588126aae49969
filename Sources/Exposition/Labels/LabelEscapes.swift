internal import Series

/// How the label sets of one family's samples are escaped so that no two become equal (R-LAB-07).
struct LabelEscapes: Sendable {
    private let usual: NameEscaping
    /// By index of the sample; nil for one that cannot be made unique.
    private var exceptions: [Int: NameEscaping?] = [:]

    /// The same scheme for all.
    init(_ escaping: NameEscaping) {
        usual = escaping
    }

    /// Samples that become equal under `escaping` get the `values` scheme instead; those without escapes are unchanged.
    ///
    /// Label sets are compared by hash, so that a scrape needs 8 bytes for each: two with the same hash by chance only
    /// get the other scheme.
    /// Complexity: O(labels).
    init(_ escaping: NameEscaping, of samples: [SeriesSample]) {
        self.init(escaping)
        guard escaping != .allowUTF8 else { return }
        var taken: Set<Int> = []
        var changed: [Int] = []
        for (index, sample) in samples.enumerated() {
            let isChanged = RenderedLabels.rendered(sample.labels, escaping: escaping) != sample.labels
            if isChanged { changed.append(index) } else { taken.insert(sample.labels.hashValue) }
        }
        for index in changed {
            let schemes = [escaping, .values]
            let free = schemes.first { scheme in
                taken.insert(RenderedLabels.rendered(samples[index].labels, escaping: scheme).hashValue).inserted
            }
            if free != escaping { exceptions[index] = .some(free) }
        }
    }

    /// Whether all samples are shown under the same scheme.
    var isUniform: Bool { exceptions.isEmpty }

    /// Nil if the sample is left out.
    func escaping(at index: Int) -> NameEscaping? {
        exceptions[index] ?? usual
    }
}
