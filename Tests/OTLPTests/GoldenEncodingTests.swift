import Foundation
import Testing

@testable import OTLP

/// JSON inputs that were sent to the OpenTelemetry Collector, compared with their protobuf form.
struct GoldenEncodingTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/golden")

    static let requests: [String] = {
        let prefixes = ["hist_", "exphist_", "summary_", "exemplars"]
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path())) ?? []
        return names.filter { name in
            prefixes.contains { name.hasPrefix($0) } && name.contains("/request-") && name.hasSuffix(".json")
        }.sorted()
    }()

    @Test("there are requests to compare")
    func requestsAreThere() {
        #expect(Self.requests.count >= 20)
    }

    @Test("R-PB-02 R-JSON-06 a recorded request decodes to the same in both encodings", arguments: requests)
    func encodingsAgree(request: String) throws {
        let json = try Data(contentsOf: Self.folder.appending(path: request))
        let protobuf = try OTLPSchema.protobuf(json)
        let expected = try ReadExport(protobuf.bytes, as: .protobuf)
        let read = try ReadExport(Array(json), as: .json)
        // As texts, in which one NaN equals another.
        #expect("\(read)" == "\(expected)")
        #expect(!read.metrics.isEmpty)
        #expect(read.metrics.allSatisfy { !$0.points.isEmpty })
    }
}
