/// How many labels a series may have, and how long their values may be.
package struct LabelLimits: SettingGroup {
    /// Labels of one series that come from attributes of the point, the scope or the resource; labels that the
    /// exposition adds (job, instance, scope name, version and schema URL, constant labels) do not count. Points with
    /// more are rejected; of labels from elsewhere those beyond the limit are left out.
    package var maxLabels = 64
    /// Bytes of UTF-8 in one label value, before escaping. Points with longer ones are rejected; values from elsewhere
    /// are cut.
    package var maxLabelValueLength = 4096

    package init() {}

    package static let keys: [Key<LabelLimits>] = [
        .count("max_labels", \.maxLabels, in: 1...1024),
        .bytes("max_label_value_length", \.maxLabelValueLength, in: 1...(1 << 20)),
    ]
}
