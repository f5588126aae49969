extension ExpositionText {
    /// How `self` differs from `wanted`, one sentence each: metadata, label sets, values (to 1e-9, NaN equal to NaN).
    func differences(from wanted: ExpositionText) -> [String] {
        var result: [String] = []
        let (mine, theirs) = (familiesByName, wanted.familiesByName)
        for name in Set(mine.keys).union(theirs.keys).sorted() {
            guard let family = mine[name] else {
                result.append("missing family \(name)")
                continue
            }
            guard let other = theirs[name] else {
                result.append("unexpected family \(name)")
                continue
            }
            if family.type != other.type {
                result.append("\(name) is a \(family.type ?? "") not a \(other.type ?? "")")
            }
            if (family.help ?? "") != (other.help ?? "") {
                result.append("help of \(name): «\(family.help ?? "")» instead of «\(other.help ?? "")»")
            }
            result += Self.differences(of: family.samples, from: other.samples)
        }
        return result
    }

    private var familiesByName: [String: Family] {
        Dictionary(families.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static func differences(of samples: [Sample], from wanted: [Sample]) -> [String] {
        var rest = Dictionary(
            samples.map { (Identity(name: $0.name, labels: $0.labels), $0) }, uniquingKeysWith: { first, _ in first })
        var result: [String] = []
        for sample in wanted {
            guard let found = rest.removeValue(forKey: Identity(name: sample.name, labels: sample.labels)) else {
                result.append("missing \(sample.name)\(sample.labels)")
                continue
            }
            if !isSame(found.value, sample.value) || !isSameTime(found.timestamp, sample.timestamp) {
                result.append("\(sample.name)\(sample.labels) is \(found.value) instead of \(sample.value)")
            }
            if !isSame(found.exemplar, sample.exemplar) {
                result.append("exemplar of \(sample.name)\(sample.labels)")
            }
        }
        return result + rest.keys.map { "unexpected \($0.name)\($0.labels)" }
    }

    static func isSame(_ a: Double, _ b: Double) -> Bool {
        a == b || (a.isNaN && b.isNaN) || abs(a - b) <= 1e-9 * max(abs(a), abs(b))
    }

    private static func isSame(_ a: Exemplar?, _ b: Exemplar?) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        return a.labels == b.labels && isSame(a.value, b.value) && isSameTime(a.timestamp, b.timestamp)
    }

    private static func isSameTime(_ a: String?, _ b: String?) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        return Double(a) == Double(b)
    }

    /// The families that meet the condition.
    func filtered(_ isTaken: (Family) -> Bool) -> ExpositionText {
        var copy = self
        copy.families = families.filter(isTaken)
        return copy
    }
}
