/// The path from the root of a configuration to a node, as users read it: `service.pipelines.metrics.receivers[0]`.
struct ConfigPath: Equatable, CustomStringConvertible {
    let description: String

    /// The root; its description is empty.
    static let root = ConfigPath(description: "")

    /// The value of a key. Long or unprintable keys are shortened, so that a path stays a line.
    func key(_ key: String) -> ConfigPath {
        let name = printable(key)
        return ConfigPath(description: description.isEmpty ? name : "\(description).\(name)")
    }

    /// An element of a list, from 0.
    func index(_ index: Int) -> ConfigPath {
        ConfigPath(description: "\(description)[\(index)]")
    }
}
