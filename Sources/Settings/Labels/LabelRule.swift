/// A rule of `odometer.labels`: the action for labels with a matching name.
package struct LabelRule: Equatable, Sendable {
    /// A label name of Prometheus, `*` standing for any number of characters.
    package let label: String
    package let action: LabelAction
    /// `label` in UTF-8: names of labels are compared as bytes.
    package let pattern: [UInt8]

    package init(label: String, action: LabelAction) {
        self.label = label
        self.action = action
        pattern = Array(label.utf8)
    }
}
