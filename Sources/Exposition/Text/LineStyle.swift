/// How lines are laid out: the two text formats differ in little.
struct LineStyle: Sendable {
    var isOpenMetrics: Bool
    var escaping: NameEscaping
    var settings: ExpositionSettings
}
