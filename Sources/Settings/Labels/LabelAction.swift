/// `keep`, `drop` and `hash` of `odometer.labels`: what happens to a label.
package enum LabelAction: String, Equatable, Sendable, CaseIterable {
    case keep
    case drop
    /// Its value is shown as a keyed hash.
    case hash
}
