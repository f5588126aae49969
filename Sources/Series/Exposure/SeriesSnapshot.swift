package import OTLP

/// All exposed series at one moment, in exposition order: families by name bytes, samples by label bytes.
///
/// A value type: later exports do not change it, and any thread may read it.
package struct SeriesSnapshot: Sendable {
    package var families: [FamilySnapshot]
    /// The resources with recent points, for target_info; in no particular order.
    package var targets: [TargetSnapshot] = []

    package init(families: [FamilySnapshot] = []) {
        self.families = families
    }
}

/// A resource that is shown as a target (R-TGT-01).
package struct TargetSnapshot: Sendable {
    /// Attributes as received.
    package var resource: Resource
    /// Arrival of its newest point that counted.
    package var lastSeen: UnixNanoseconds

    package init(resource: Resource, lastSeen: UnixNanoseconds) {
        self.resource = resource
        self.lastSeen = lastSeen
    }
}

/// One family with its samples. Never empty in a snapshot taken from a store.
package struct FamilySnapshot: Sendable {
    package var descriptor: FamilyDescriptor
    /// The metric's description as received, not escaped; empty when there is none (R-NAME-13).
    package var help: [UInt8]
    package var samples: [SeriesSample]
    /// Whether this is `target_info`, which is first in OpenMetrics (R-TGT-05).
    package var isTargetInfo = false

    package init(descriptor: FamilyDescriptor, help: [UInt8], samples: [SeriesSample]) {
        self.descriptor = descriptor
        self.help = help
        self.samples = samples
    }
}

/// One exposed series.
package struct SeriesSample: Sendable {
    /// As in `Exposure.labels`.
    package var labels: [UInt8]
    package var value: SeriesValue
    /// At most one for a counter, one for each bucket of a histogram; ascending by value. Nearly always empty.
    package var exemplars: [SampleExemplar] = []
    /// When the exposed total started; 0 when not known (R-ST-02).
    package var startTime: UnixNanoseconds
    /// The time of the newest point; 0 when not given.
    package var time: UnixNanoseconds

    package init(labels: [UInt8], value: SeriesValue, startTime: UnixNanoseconds = 0, time: UnixNanoseconds = 0) {
        self.labels = labels
        self.value = value
        self.startTime = startTime
        self.time = time
    }
}

/// A number as it is exposed. Integers keep every digit.
package enum SampleValue: Equatable, Sendable {
    case int(Int64)
    case double(Double)
}
