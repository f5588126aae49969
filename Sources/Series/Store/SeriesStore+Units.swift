internal import OTLP

/// A gauge whose unit changed: its streams take the place of the older ones, whose name the unit is part of. Totals stay
/// beside each other: what was counted is never taken out of sight.
extension SeriesStore {
    /// The hash of everything that identifies a metric but its unit.
    func unitHash(of identity: MetricIdentity, scope: UInt32) -> UInt64 {
        var bytes = identity.name
        bytes += [identity.kind.rawValue, identity.temporality.rawValue, identity.isMonotonic ? 1 : 0]
        return bytes.withUnsafeBytes { hash($0, parent: scopes.contentHash(of: scope)) }
    }

    /// Withdraws the streams that differ from this one, which has just got a point, in nothing but the unit. Their
    /// state stays: if the unit changes back, they continue.
    ///
    /// Called for streams that are new or were withdrawn, not for every point.
    mutating func withdrawOtherUnits(_ raw: UnsafeRawBufferPointer, context: PointContext) {
        guard context.rule == .newest || context.rule == .newestAdded else { return }
        let others = metricsWithOtherUnit(than: context.metric)
        guard !others.isEmpty else { return }
        guard let attributes = canonicalAttributes(raw, encoding: context.encoding) else { return }
        let canonical = canonicalBytes(attributes)
        for metric in others {
            guard let number = findStream(streamKey(canonical, of: metric)), !streams[number].isWithdrawn else {
                continue
            }
            streams[number].isWithdrawn = true
            changes.markTotal(number)
            exposedTimes.move(streams[number].series, to: 0, request: request, now: context.now)
            exposed.deactivate(streams[number].series)
        }
    }

    private func metricsWithOtherUnit(than number: UInt32) -> [UInt32] {
        let content = metrics[number]
        var others: [UInt32] = []
        _ = unitIndex.find(content.unitHash) { candidate in
            let other = metrics[candidate]
            var identity = other.identity
            identity.unit = content.identity.unit
            if candidate != number, other.scope == content.scope, identity == content.identity {
                others.append(candidate)
            }
            // All of them are wanted, so none ends the search.
            return false
        }
        return others
    }
}
