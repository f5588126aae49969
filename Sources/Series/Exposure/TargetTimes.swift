internal import OTLP

/// When each resource last sent a point that was accepted (docs/semantics.md, S18.2).
struct TargetTimes {
    /// By number of the resource, 0 for none; may be shorter than the table of resources.
    private var lastSeen: [UnixNanoseconds] = []
    /// Resources for which `target_info` had no room on the last page.
    private(set) var hiddenCount = 0

    /// 0 for a resource that sent no point.
    subscript(_ resource: ResourceID) -> UnixNanoseconds {
        resource.row < lastSeen.count ? lastSeen[resource.row] : 0
    }

    mutating func note(_ resource: ResourceID, seen now: UnixNanoseconds) {
        let index = resource.row
        if index >= lastSeen.count {
            lastSeen.append(contentsOf: repeatElement(0, count: index + 1 - lastSeen.count))
        }
        lastSeen[index] = now
    }

    /// Resets the time of a removed resource, since its number is reused.
    mutating func forget(_ resource: ResourceID) {
        if resource.row < lastSeen.count { lastSeen[resource.row] = 0 }
    }

    /// The resources to show at `now`: the oldest, as many as fit.
    /// - Parameters:
    ///   - expiry: how long one is shown after its last point, nanoseconds; nil: it never expires.
    ///   - room: for their canonical forms, bytes.
    mutating func shown(
        at now: UnixNanoseconds, of resources: IdentityTable<Resource>, expiry: UInt64?, room: Int
    ) -> [TargetSnapshot] {
        var result: [TargetSnapshot] = []
        var room = room
        var hidden = 0
        resources.forEach { number, resource in
            let lastSeen = self[number]
            guard lastSeen != 0, !resource.attributes.isEmpty else { return }
            if let expiry, now > lastSeen, now - lastSeen >= expiry { return }
            room -= resources.canonical(of: number)?.count ?? 0
            guard room >= 0 else { return hidden += 1 }
            result.append(TargetSnapshot(resource: resource, lastSeen: lastSeen))
        }
        hiddenCount = hidden
        return result
    }
}

// MARK: - Invariants

extension TargetTimes {
    func check(_ report: inout InvariantReport, isResource: (ResourceID) -> Bool) {
        for (number, time) in lastSeen.enumerated() where time != 0 {
            report.require(isResource(ResourceID(row: number)), "target \(number): its resource is gone")
        }
    }
}
