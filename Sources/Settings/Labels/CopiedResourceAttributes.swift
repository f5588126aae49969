/// `resource_to_telemetry_conversion`: attributes of the resource that are copied onto series.
package enum CopiedResourceAttributes: Equatable, Sendable {
    case none
    /// `enabled`.
    case all
    /// With `exclude_service_attributes`: all but those that `job` and `instance` are made of.
    case allButService
}
