/// Reads one `processors.memory_limiter`.
struct MemoryLimiterReader {
    private static let keys =
        [
            "check_interval", "limit_mib", "limit_percentage", "spike_limit_mib", "spike_limit_percentage",
        ].map { KnownName($0) }
        + ["min_gc_interval_when_soft_limited", "min_gc_interval_when_hard_limited"].map {
            KnownName($0, .noEffect("there is no garbage collector"))
        }

    /// 1 PiB; a larger number is a typing error.
    private static let mebibytesRange = 0...(1 << 30)
    private static let shortestInterval = Duration.milliseconds(10)

    let component: DefinedComponent
    let findings: Findings

    /// Nil if it sets no limit; that is in the findings.
    func read() -> MemoryLimiterConfig? {
        guard let section = component.section(findings) else {
            if component.settings.isNull {
                findings.mistake(
                    component.position, component.path,
                    "has no limit; write {check_interval: 1s, limit_percentage: 80, spike_limit_percentage: 20}")
            }
            return nil
        }
        section.check(Self.keys)
        if section.entry("check_interval") == nil {
            findings.mistake(section.position, section.path, "check_interval is missing; write check_interval: 1s")
        }
        let interval = section.duration("check_interval", atLeast: Self.shortestInterval)
        let limit = amount(in: section, "limit_mib", "limit_percentage")
        if limit == nil, section.entry("limit_mib") == nil, section.entry("limit_percentage") == nil {
            findings.mistake(
                section.position, section.path, "the limit is missing; write limit_mib: 512 or limit_percentage: 80")
        }
        guard let interval, let limit else {
            return nil
        }
        return MemoryLimiterConfig(
            name: component.id.description, checkInterval: interval, limit: limit,
            spike: spike(in: section, below: limit))
    }

    /// `limit_mib` takes precedence if both are set, as in the Collector.
    private func amount(in section: Section, _ mebibytes: String, _ percentage: String) -> MemoryAmount? {
        let count = section.integer(mebibytes, in: Self.mebibytesRange) ?? 0
        let share = section.integer(percentage, in: 0...100) ?? 0
        if count > 0 {
            return .bytes(count << 20)
        }
        guard share > 0 else {
            let isZero = [mebibytes, percentage].contains { section.entry($0)?.value.text == "0" }
            if isZero, mebibytes == "limit_mib" {
                findings.mistake(
                    section.position, section.path, "a limit of 0 would refuse every export; write limit_mib: 512")
            }
            return nil
        }
        return .percentage(share)
    }

    private func spike(in section: Section, below limit: MemoryAmount) -> MemoryAmount? {
        let spike: MemoryAmount?
        let key: String
        switch limit {
        case .bytes:
            key = "spike_limit_mib"
            let count = section.integer(key, in: Self.mebibytesRange) ?? 0
            spike = count > 0 ? .bytes(count << 20) : nil
        case .percentage:
            key = "spike_limit_percentage"
            let share = section.integer(key, in: 0...100) ?? 0
            spike = share > 0 ? .percentage(share) : nil
        }
        if let spike, spike.bytes(ofTotal: 100) >= limit.bytes(ofTotal: 100), let entry = section.entry(key) {
            findings.mistake(
                entry.value.position, section.path.key(key),
                "not below the limit, so every export would be refused; write a lower number")
            return nil
        }
        return spike
    }
}
