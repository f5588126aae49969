import Foundation
import Testing

@testable import ConfigFile

/// The configuration files that the tests read, and ways to load them.
enum Fixtures {
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let configs = repository.appending(path: "Tests/Fixtures/Config")

    /// The names of the YAML files in a folder of the fixtures, without extension.
    static func names(in folder: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: configs.appending(path: folder).path)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    static func path(_ folder: String, _ name: String) -> String {
        configs.appending(path: "\(folder)/\(name).yaml").path
    }

    static func good(_ names: String..., environment: [String: String] = [:]) throws -> AppConfig {
        try ConfigLoader.load(files: names.map { path("good", $0) }) { environment[$0] }
    }
}

/// Loads a configuration given as text.
func load(_ text: String, environment: [String: String] = [:]) throws(ConfigFailure) -> AppConfig {
    try ConfigLoader.load(files: ["env:TEXT"]) { $0 == "TEXT" ? text : environment[$0] }
}

/// The errors of a configuration given as text, line by line.
func mistakes(_ text: String, environment: [String: String] = [:]) -> [String] {
    do throws(ConfigFailure) {
        _ = try load(text, environment: environment)
        return []
    } catch {
        return error.lines
    }
}

/// A valid configuration with lines of a prometheus exporter added.
func withExporter(_ lines: String) -> String {
    """
    receivers: {otlp: {protocols: {http: {}}}}
    exporters:
      prometheus:
        endpoint: localhost:8889
        \(lines)
    service: {pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}}
    """
}

/// A valid configuration with lines of `receivers.otlp.protocols.http`.
func withHTTP(_ lines: String...) -> String {
    """
    receivers:
      otlp:
        protocols:
          http:
            \(lines.joined(separator: "\n        "))
    exporters: {prometheus: {endpoint: localhost:8889}}
    service: {pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}}
    """
}

/// In nanoseconds.
let second: UInt64 = 1_000_000_000
