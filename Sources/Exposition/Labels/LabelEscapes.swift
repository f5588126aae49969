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
    ///
    /// Label sets are told apart by their hash, so that a scrape holds 8 bytes of each: two that share one by chance cost
    /// nothing but the other scheme.
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

    /// Whether all samples are there, and under the same scheme.
    var isUniform: Bool { exceptions.isEmpty }

    /// nil when the sample is left out.
    func escaping(at index: Int) -> NameEscaping? {
        exceptions[index] ?? usual
    }
}
