/// The format of lines: the two text formats differ little.
struct LineStyle: Sendable {
    var isOpenMetrics: Bool
    var escaping: NameEscaping
    var settings: ExpositionSettings
}
