internal import OTLP

/// A scope below its resource.
struct ScopeContent: IdentityContent {
    var resource: ResourceID
    var scope: Scope
}

/// A metric below its scope.
struct MetricContent: IdentityContent {
    var scope: ScopeID
    var identity: MetricIdentity
    var rule: StreamRule
    /// The hash of its identity without the unit.
    var unitHash: UInt64
    /// A `filter` drops it. Streams from before the filter are kept, but not shown.
    var isFiltered = false
    /// The description that its family shows as help; empty if the help is from another metric.
    var help: [UInt8] = []
}

// MARK: - Weights

extension Resource: IdentityContent {
    var weight: Int { StateWeight.attributes(attributes) }
}

extension ScopeContent {
    var weight: Int {
        StateWeight.bytes(scope.name) + StateWeight.bytes(scope.version) + StateWeight.bytes(scope.schemaURL)
            + StateWeight.attributes(scope.attributes)
    }
}

extension MetricContent {
    /// Without the description, see `FamilyTable.helpBytes`.
    var weight: Int { StateWeight.bytes(identity.name) + StateWeight.bytes(identity.unit) }
}
