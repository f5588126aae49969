import Foundation
import Settings
import Testing

@testable import ConfigFile

/// Keys match the properties of settings and their documentation.
@Suite struct KeyTests {
    /// Keys whose properties have other names: flags, and sizes with the unit in the name.
    private static let otherNames = [
        "enabled": "isEnabled", "built_in": "hasBuiltInRules", "max_recv_msg_size_mib": "maxRecvMsgSize",
        "sizer": "maxRequests", "queue_size": "maxBytes",
    ]

    private static func property(of key: String) -> String {
        if let name = otherNames[key] { return name }
        let words = key.split(separator: "_").map(String.init)
        return words[0] + words.dropFirst().map { $0 == "url" ? "URL" : $0.capitalized }.joined()
    }

    private static func checkNames<Group: SettingGroup>(_: Group.Type) {
        let properties = Set(Mirror(reflecting: Group()).children.compactMap(\.label))
        for key in Group.keys {
            #expect(properties.contains(property(of: key.name)), "\(Group.self) has no property for \(key.name)")
        }
        #expect(Set(Group.keys.map(\.name)).count == Group.keys.count, "a key of \(Group.self) is there twice")
    }

    @Test("a property has the name of its key")
    func namesFollowKeys() {
        Self.checkNames(DecodingLimits.self)
        Self.checkNames(LabelLimits.self)
        Self.checkNames(StateLimits.self)
        Self.checkNames(RetentionLimits.self)
        Self.checkNames(ServerLimits.self)
        Self.checkNames(PageLimits.self)
        Self.checkNames(StateSettings.self)
        Self.checkNames(LogLimits.self)
        Self.checkNames(ForwardSettings.self)
        Self.checkNames(MetricExpiration.self)
        Self.checkNames(SendingQueueSettings.self)
        Self.checkNames(RetrySettings.self)
        Self.checkNames(FileExporterSettings.self)
        Self.checkNames(FileRotationSettings.self)
        Self.checkNames(OTLPHTTPSettings.self)
        Self.checkNames(OTLPGRPCSettings.self)
        Self.checkNames(EventMetricsSettings.self)
        Self.checkNames(CommonExporterSettings.self)
    }

    /// The keys of a block of Config/odometer.yaml.
    private static func documented(_ path: [String]) throws -> [String] {
        let file = Fixtures.repository.appending(path: "Config/odometer.yaml")
        let text = [UInt8](try Data(contentsOf: file))
        var node = try #require(try YAMLTreeBuilder.parse(text, file: file.path, limits: YAMLLimits()))
        for key in path {
            guard case .mapping(let entries) = node.content else { break }
            node = try #require(entries.first { $0.key == key }).value
        }
        guard case .mapping(let entries) = node.content else { return [] }
        return entries.map(\.key)
    }

    @Test("Config/odometer.yaml has exactly the keys of the block odometer")
    func everyKeyIsDocumented() throws {
        func names<Group: SettingGroup>(_: Group.Type) -> Set<String> { Set(Group.keys.map(\.name)) }
        func documented(_ block: String) throws -> Set<String> { Set(try Self.documented(["odometer", block])) }
        #expect(try documented("limits") == names(Limits.self))
        // The default path is a comment, since a configured path must be writable.
        #expect(try documented("state") == names(StateSettings.self).subtracting(["path"]))
        #expect(try documented("log") == names(LogLimits.self))
        #expect(try documented("forward") == names(ForwardSettings.self))
        #expect(try documented("metric_expiration") == names(MetricExpiration.self))
        #expect(try documented("events") == names(EventMetricsSettings.self).union(["rules"]))
        #expect(Set(try Self.documented(["odometer"])).isSuperset(of: names(CommonExporterSettings.self)))
        let grpc = Set(try Self.documented(["receivers", "otlp", "protocols", "grpc"]))
        #expect(grpc.isSuperset(of: names(OTLPGRPCSettings.self)))
        let http = Set(try Self.documented(["receivers", "otlp", "protocols", "http"]))
        #expect(http.isSuperset(of: names(OTLPHTTPSettings.self)))
    }
}
