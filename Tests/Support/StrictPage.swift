/// A text page, parsed by the exact rules of OpenMetrics 1.0 or the text format 0.0.4. For tests and fuzzing only;
/// shares no code with the writers of pages.
struct StrictPage {
    typealias Fault = PageLine.Fault
    typealias Text = PageLine.Text

    /// The identity of a sample.
    struct Key: Hashable {
        var name: Text
        var labels: Set<PageLine.Label>
    }

    /// By name and labels; `le` and `quantile` as on an OpenMetrics page.
    private(set) var samples: [Key: Double] = [:]
    /// By family.
    private(set) var types: [Text: String] = [:]

    private let isOpenMetrics: Bool
    private var family: Family?
    /// The suffixes that families may have, by the specification ("Suffixes").
    private var claimed: Set<Text> = []

    private struct Family {
        var name: Text
        var type = ""
        var unit: Text?
        var help: Text?
        var samples: [PageLine.Sample] = []
    }

    init(_ page: [UInt8], isOpenMetrics: Bool) throws {
        self.isOpenMetrics = isOpenMetrics
        guard String(validating: page, as: UTF8.self) != nil else { throw Fault(reason: "not UTF-8", line: "") }
        guard page.last == UInt8(ascii: "\n") || !isOpenMetrics && page.isEmpty else {
            throw Fault(reason: "no line feed at the end", line: "")
        }
        var lines = page.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if page.isEmpty { lines = [] }
        if isOpenMetrics {
            guard let last = lines.popLast(), last.elementsEqual("# EOF".utf8) else {
                throw Fault(reason: "no EOF", line: "")
            }
        }
        for line in lines { try take(line) }
        try endFamily()
    }

    private mutating func take(_ line: ArraySlice<UInt8>) throws {
        if let (name, text) = try PageLine.metadata(line, keyword: "TYPE") {
            let type = String(decoding: text, as: UTF8.self)
            if isOpenMetrics {
                try begin(name)
            } else if family?.name != name || family?.type != "" || family?.help == nil {
                throw PageLine(line).fault("TYPE out of place")
            }
            let types =
                isOpenMetrics
                ? ["counter", "gauge", "histogram", "summary", "unknown", "info", "stateset"]
                : ["counter", "gauge", "histogram", "summary", "untyped"]
            guard types.contains(type) else { throw PageLine(line).fault("type") }
            family?.type = type
        } else if let (name, text) = try PageLine.metadata(line, keyword: "HELP") {
            if !isOpenMetrics { try begin(name) }
            guard family?.name == name, family?.help == nil, family?.samples.isEmpty == true else {
                throw PageLine(line).fault("HELP out of place")
            }
            family?.help = try PageLine.unescaped(text, hasQuotes: isOpenMetrics)
        } else if isOpenMetrics, let (name, text) = try PageLine.metadata(line, keyword: "UNIT") {
            guard family?.name == name, family?.unit == nil, family?.help == nil else {
                throw PageLine(line).fault("UNIT out of place")
            }
            guard name.ends(with: [UInt8(ascii: "_")] + text), !text.isEmpty,
                !["info", "stateset"].contains(family?.type)
            else { throw PageLine(line).fault("UNIT is no suffix") }
            family?.unit = text
        } else {
            let sample = try PageLine.sample(line)
            guard let family, !family.type.isEmpty, names(of: family).contains(sample.name) else {
                throw PageLine(line).fault("sample of no family")
            }
            if !isOpenMetrics, sample.exemplar != nil { throw PageLine(line).fault("exemplar") }
            if isOpenMetrics { try Self.check(sample, of: family) }
            let key = Key(name: sample.name, labels: Set(sample.labels))
            guard samples.updateValue(sample.value, forKey: key) == nil else { throw PageLine(line).fault("twice") }
            self.family?.samples.append(sample)
        }
    }

    private mutating func begin(_ name: Text) throws {
        try endFamily()
        family = Family(name: name)
    }

    private mutating func endFamily() throws {
        guard let family else { return }
        types[family.name] = family.type
        let names = names(of: family).union([family.name])
        guard claimed.isDisjoint(with: names) else {
            throw Fault(reason: "clashing names", line: String(decoding: family.name, as: UTF8.self))
        }
        claimed.formUnion(names)
        if family.samples.isEmpty {
            throw Fault(reason: "no samples", line: String(decoding: family.name, as: UTF8.self))
        }
        if isOpenMetrics { try checkGroups(of: family) }
        self.family = nil
    }

    /// The names that samples of the family may have.
    private func names(of family: Family) -> Set<Text> {
        let created = isOpenMetrics ? ["_created"] : []
        let suffixes: [String] =
            switch family.type {
            case "counter": (isOpenMetrics ? ["_total"] : [""]) + created
            case "histogram": ["_bucket", "_sum", "_count"] + created
            case "summary": ["", "_sum", "_count"] + created
            case "info": ["_info"]
            default: [""]
            }
        return Set(suffixes.map { family.name + Array($0.utf8) })
    }
}

// The rules of OpenMetrics.
extension StrictPage {
    /// Checks the rules for a single sample.
    private static func check(_ sample: PageLine.Sample, of family: Family) throws {
        let suffix = String(decoding: sample.name.dropFirst(family.name.count), as: UTF8.self)
        let value = sample.value
        func require(_ holds: Bool, _ rule: String) throws {
            if !holds { throw Fault(reason: rule, line: String(decoding: sample.name, as: UTF8.self) + " \(value)") }
        }
        switch (family.type, suffix) {
        case ("counter", "_total"): try require(value >= 0, "a total is not negative")
        case (_, "_sum"): try require(value >= 0 && value.isFinite, "a sum is not negative")
        case ("histogram", "_bucket"), (_, "_count"):
            try require(value >= 0 && sample.isInteger, "counts are whole numbers")
        case ("summary", ""):
            let quantile = Double(label("quantile", of: sample) ?? "")
            try require(quantile.map { 0...1 ~= $0 } ?? false, "a quantile lies in 0...1")
            try require(!(value < 0), "the value of a quantile is not negative")
        case ("info", _): try require(value == 1, "an info is 1")
        case ("stateset", _):
            try require(value == 0 || value == 1, "a state is 0 or 1")
            try require(sample.labels.contains { $0.name == family.name }, "a state has its label")
        default: break
        }
        guard let exemplar = sample.exemplar else { return }
        let length = exemplar.labels.flatMap { [$0.name, $0.value] }.reduce(0) {
            $0 + String(decoding: $1, as: UTF8.self).unicodeScalars.count
        }
        try require(length <= 128, "an exemplar is at most 128 characters long")
        try require(!exemplar.labels.contains { $0.value.contains(UInt8(ascii: "\"")) }, "prometheus_client reads it")
        try require(suffix == "_total" || suffix == "_bucket", "exemplars stand on totals and buckets")
    }

    private static func label(_ name: String, of sample: PageLine.Sample) -> String? {
        sample.labels.first { $0.name == Array(name.utf8) }.map { String(decoding: $0.value, as: UTF8.self) }
    }

    /// Checks the rules for the samples of one metric point, which are adjacent.
    private func checkGroups(of family: Family) throws {
        var seen: Set<Set<PageLine.Label>> = []
        var group: [PageLine.Sample] = []
        var current: Set<PageLine.Label>?
        for sample in family.samples {
            let labels = Self.group(of: sample, in: family)
            if labels != current {
                try checkGroup(group, of: family)
                guard seen.insert(labels).inserted else {
                    throw Fault(reason: "interleaved", line: String(decoding: family.name, as: UTF8.self))
                }
                (group, current) = ([], labels)
            }
            group.append(sample)
        }
        try checkGroup(group, of: family)
    }

    private static func group(of sample: PageLine.Sample, in family: Family) -> Set<PageLine.Label> {
        if family.type == "info" { return [] }
        let own: Text =
            switch family.type {
            case "histogram": Array("le".utf8)
            case "summary": Array("quantile".utf8)
            case "stateset": family.name
            default: []
            }
        return Set(sample.labels.filter { $0.name != own })
    }

    private func checkGroup(_ group: [PageLine.Sample], of family: Family) throws {
        func require(_ holds: Bool, _ rule: String) throws {
            if !holds { throw Fault(reason: rule, line: String(decoding: family.name, as: UTF8.self)) }
        }
        guard let first = group.first else { return }
        if family.type == "info" {
            try require(Set(group.map { $0.time == nil }).count == 1, "times for all of a group or for none")
        } else {
            try require(group.allSatisfy { $0.time == first.time }, "one time for a group")
        }
        guard family.type == "histogram" else { return }
        let end = family.name.count
        let buckets = group.filter { $0.name.dropFirst(end).elementsEqual("_bucket".utf8) }
        let bounds = buckets.map { Double(Self.label("le", of: $0) ?? "") ?? .nan }
        try require(bounds.last == .infinity, "the last bucket is +Inf")
        try require(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bounds ascend")
        try require(zip(buckets, buckets.dropFirst()).allSatisfy { $0.value <= $1.value }, "buckets are cumulative")
        for (index, bucket) in buckets.enumerated() {
            guard let exemplar = bucket.exemplar else { continue }
            let isAbove = index == 0 || exemplar.value > bounds[index - 1]
            try require(isAbove && exemplar.value <= bounds[index], "an exemplar lies in its bucket")
        }
        let sum = group.first { $0.name.dropFirst(end).elementsEqual("_sum".utf8) }
        let count = group.first { $0.name.dropFirst(end).elementsEqual("_count".utf8) }
        try require((sum == nil) == (count == nil), "count and sum come together")
        try require(count == nil || count?.value == buckets.last?.value, "the count is that of +Inf")
        try require(sum == nil || bounds[0] >= 0, "no sum beside negative bounds")
    }
}

extension [UInt8] {
    fileprivate func ends(with suffix: [UInt8]) -> Bool {
        count > suffix.count && self[(count - suffix.count)...].elementsEqual(suffix)
    }
}
