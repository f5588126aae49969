internal import Exposition
internal import OTLP
internal import Pipeline
internal import Series

/// Finds the series to remove, and removes them from memory. `StateDirectory.erase` removes them from the disk.
struct ForgetTask: Sendable {
    let selection: SeriesSelection
    /// By the name of their exporter.
    let stores: [(name: String, series: SharedSeries)]

    /// What would be removed: one line for each series, sorted, with its value.
    func lines(at now: UnixNanoseconds) -> [String] {
        var lines: [String] = []
        for store in stores {
            let prefix = stores.count > 1 ? "\(store.name): " : ""
            lines += store.series.withStore { series in
                var found: [String] = []
                series.forEachSeries(at: now) { family, labels, value in
                    guard isMeant(family, labels) else { return }
                    let name = String(decoding: family.name, as: UTF8.self)
                    let set = labels.isEmpty ? "" : "{\(String(decoding: labels, as: UTF8.self))}"
                    found.append("\(prefix)\(name)\(set) \(Self.text(of: value))")
                }
                return found
            }
        }
        return lines.sorted()
    }

    /// Removes them.
    /// - Returns: their number.
    func perform() -> Int {
        stores.reduce(0) { sum, store in sum + store.series.withStore { $0.forget(where: isMeant) } }
    }

    private func isMeant(_ family: FamilyDescriptor, _ labels: [UInt8]) -> Bool {
        let all = LabelText.labels(in: labels)
        return selection.matches { name in
            if name == "__name__" { return String(decoding: family.name, as: UTF8.self) }
            let value = all.first { $0.name.elementsEqual(name.utf8) }?.value
            return String(decoding: value ?? [], as: UTF8.self)
        }
    }

    private static func text(of value: SeriesValue) -> String {
        switch value {
        case .number(.int(let number)): "\(number)"
        case .number(.double(let number)): "\(number)"
        case .histogram(let value): "(\(value.count) observations)"
        case .nativeHistogram(let value): "(\(value.count) observations)"
        case .summary(let value): "(\(value.count) observations)"
        }
    }
}
