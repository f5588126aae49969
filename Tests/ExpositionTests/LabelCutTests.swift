import OTLP
import Series
import Settings
import Testing

@testable import Exposition

/// Labels added by the configuration are cut or left out; they never reject the point.
@Suite struct LabelCutTests {
    private static let point = [Attribute("k", "v")]

    private func translation(_ change: (inout TranslationSettings) -> Void) -> PrometheusTranslation {
        var settings = TranslationSettings()
        change(&settings)
        return PrometheusTranslation(settings: settings)
    }

    @Test("a long resource attribute is cut between two characters, and reported", arguments: 0..<4)
    func longResourceAttribute(shift: Int) throws {
        let translation = translation { $0.resourceAttributes = .all }
        let value = String(repeating: "x", count: shift) + String(repeating: "😀", count: 1250)
        let stream = StreamIdentity(
            MetricIdentity("m"), Self.point, resource: [Attribute("process.command_line", value)])
        let exposure = try translation.exposure(of: stream)
        let label = try #require(RenderedLabels.all(in: exposure.labels).last)
        #expect(label.name == Array("process_command_line".utf8))
        #expect(label.value.count <= 4096 && label.value.count > 4092)
        #expect(value.hasPrefix(try #require(String(validating: label.value, as: UTF8.self))))
        #expect(exposure.cuts.values == 1)
        #expect(exposure.cuts.firstValueOf == label.name)
        #expect(exposure.cuts.labels == 0)
    }

    @Test("of a resource with many attributes the first labels by name are shown, the rest is reported")
    func wideResource() throws {
        let translation = translation { $0.resourceAttributes = .all }
        let wide = (0..<80).map { Attribute("r\($0 / 10)\($0 % 10)", "v") }
        for resource in [wide, wide.reversed(), wide.shuffled()] {
            let stream = StreamIdentity(MetricIdentity("m"), Self.point, resource: resource)
            let exposure = try translation.exposure(of: stream)
            let names = RenderedLabels.all(in: exposure.labels).map { String(decoding: $0.name, as: UTF8.self) }
            #expect(names == ["k"] + (0..<63).map { "r\($0 / 10)\($0 % 10)" })
            #expect(exposure.cuts.labels == 17)
            #expect(exposure.cuts.firstLabel == Array("r63".utf8))
        }
        let own = (0..<64).map { Attribute("p\($0)", "v") }
        let full = try translation.exposure(of: StreamIdentity(MetricIdentity("m"), own, resource: wide))
        #expect(full.cuts.labels == 80)
        let tooMany = StreamIdentity(MetricIdentity("m"), own + Self.point, resource: wide)
        #expect(throws: RejectionReason.labelLimit) { try translation.exposure(of: tooMany) }
    }

    @Test("job, instance, scope, constant labels and processor values are cut; a long value of the point rejects it")
    func everythingAdded() throws {
        let long = String(repeating: "y", count: 5000)
        let action = AttributeProcessor.Action.set(
            key: Array("set".utf8), .always, .text(Array(long.utf8)))
        let translation = translation {
            $0.constantLabels = ConstantLabels(["env": long], keepsUTF8: false)
            $0.processors = [AttributeProcessor(target: .dataPoints, actions: [action])]
        }
        let resource = [Attribute("service.name", long), Attribute("service.instance.id", long)]
        let scope = Scope(long, version: long, schemaURL: long, [Attribute("s", long)])
        let exposure = try translation.exposure(
            of: StreamIdentity(MetricIdentity("m"), Self.point, resource: resource, scope: scope))
        let labels = RenderedLabels.all(in: exposure.labels)
        #expect(labels.map(\.value.count) == [4096, 4096, 4096, 1, 4096, 4096, 4096, 4096, 4096])
        #expect(exposure.cuts.values == 8)
        let own = StreamIdentity(MetricIdentity("m"), [Attribute("k", long)], resource: resource, scope: scope)
        #expect(throws: RejectionReason.labelValueLimit) { try translation.exposure(of: own) }
    }

    @Test("values joined in one label: those of the point reject it, those of the configuration are cut")
    func joinedValues() throws {
        let translation = translation { $0.resourceAttributes = .all }
        let half = String(repeating: "é", count: 1024)
        let mixed = StreamIdentity(
            MetricIdentity("m"), [Attribute("a.b", half)], resource: [Attribute("a_b", half), Attribute("a-b", half)])
        let exposure = try translation.exposure(of: mixed)
        let value = try #require(RenderedLabels.all(in: exposure.labels).first?.value)
        #expect(value.count == 4095)
        #expect(String(validating: value, as: UTF8.self) != nil)
        #expect(exposure.cuts.values == 1)
        let own = StreamIdentity(MetricIdentity("m"), [Attribute("a.b", half), Attribute("a_b", half)])
        #expect(throws: RejectionReason.labelValueLimit) { try translation.exposure(of: own) }
    }

    @Test("the label user, and labels of events, are cut")
    func users() throws {
        let long = String(repeating: "z", count: 5000)
        let translation = translation {
            $0.labelPolicy.userAttributes = [Array("user.id".utf8)]
            $0.labelPolicy.rules = [LabelRule(label: "user_id", action: .drop)]
        }
        let exposure = try translation.exposure(of: StreamIdentity(MetricIdentity("m"), [Attribute("user.id", long)]))
        #expect(exposure.labels.count == 4096 + #"user="""#.utf8.count)
        let event = StreamIdentity(
            MetricIdentity("m"), [Attribute("model", long)], scope: Scope("odometer.events"))
        #expect(try translation.exposure(of: event).cuts.values == 1)
    }

    @Test("a hash is that of the whole value, and never cut")
    func hashedValue() throws {
        let long = String(repeating: "h", count: 5000)
        let translation = translation {
            $0.resourceAttributes = .all
            $0.labelPolicy.rules = [LabelRule(label: "path", action: .hash)]
        }
        let one = StreamIdentity(MetricIdentity("m"), Self.point, resource: [Attribute("path", long + "1")])
        let two = StreamIdentity(MetricIdentity("m"), Self.point, resource: [Attribute("path", long + "2")])
        #expect(try translation.exposure(of: one).labels != translation.exposure(of: two).labels)
        #expect(try translation.exposure(of: one).cuts.isEmpty)
    }
}
