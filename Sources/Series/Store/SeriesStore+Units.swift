internal import OTLP

/// A gauge whose unit changed: its streams take the place of the older ones, whose name the unit is part of. Totals stay
/// beside each other: what was counted is never taken out of sight.
extension SeriesStore {
    /// Withdraws the streams that differ from this one, which has just got a point, in nothing but the unit. Their
    /// state stays: if the unit changes back, they continue.
    ///
    /// Called for streams that are new or were withdrawn, not for every point.
    mutating func withdrawOtherUnits(_ raw: UnsafeRawBufferPointer, context: PointContext) {
        guard context.rule == .newest || context.rule == .newestAdded else { return }
        let others = identities.metricsWithOtherUnit(than: context.metric)
        guard !others.isEmpty else { return }
        guard let attributes = canonicalAttributes(raw, encoding: context.encoding) else { return }
        let canonical = canonicalBytes(attributes)
        for metric in others {
            guard let number = streams.find(streamKey(canonical, of: metric)), !streams[number].isWithdrawn else {
                continue
            }
            streams.setWithdrawn(true, number)
            changes.markTotal(number)
            exposedTimes.move(streams[number].series, to: 0, request: request, now: context.now)
            exposed.deactivate(streams[number].series)
        }
    }
}
