/// Suffixes that the formats add to the name of a family in some of its lines.
enum LineSuffix: String, CaseIterable {
    case bucket = "_bucket"
    case count = "_count"
    case sum = "_sum"
    /// In OpenMetrics, if configured; replaces `_total`.
    case created = "_created"

    static let all = LineSuffix.allCases
    private static let total = Array("_total".utf8)

    /// The suffixes of the lines of the family.
    static func ofFamily(_ family: FamilyDescriptor, withCreated: Bool) -> [LineSuffix] {
        let created: [LineSuffix] = withCreated ? [.created] : []
        switch family.type {
        case .histogram, .nativeHistogram: return [.bucket, .count, .sum] + created
        case .summary: return [.count, .sum] + created
        case .counter: return created
        case .gauge, .unknown, .info, .stateset: return []
        }
    }

    /// The name of the family's lines with this suffix.
    func lineName(of family: FamilyDescriptor) -> [UInt8] {
        var stem = family.name
        if family.type == .counter, LineSuffix.hasSuffix(stem, LineSuffix.total) {
            stem.removeLast(LineSuffix.total.count)
        }
        return stem + Array(rawValue.utf8)
    }

    /// The possible names of a family whose lines with this suffix have the name `name`.
    func owners(ofLine name: [UInt8]) -> [[UInt8]] {
        let suffix = Array(rawValue.utf8)
        guard name.count > suffix.count, LineSuffix.hasSuffix(name, suffix) else { return [] }
        let stem = Array(name.dropLast(suffix.count))
        return self == .created ? [stem, stem + LineSuffix.total] : [stem]
    }

    private static func hasSuffix(_ name: [UInt8], _ suffix: [UInt8]) -> Bool {
        name.count >= suffix.count && name[(name.count - suffix.count)...].elementsEqual(suffix)
    }
}
