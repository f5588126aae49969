import OTLP
import Series
import Settings
import Testing

@testable import Exposition

@Suite struct TargetInfoTests {
    private static let service = [Attribute("service.name", "svc"), Attribute("service.instance.id", "i")]

    private func page(
        _ resources: [[Attribute]], beside families: [FamilySnapshot] = [],
        _ change: (inout TranslationSettings) -> Void = { _ in }
    ) -> String {
        var settings = TranslationSettings()
        change(&settings)
        var snapshot = SeriesSnapshot(families: families)
        snapshot.targets = resources.map { TargetSnapshot(resource: Resource(attributes: $0), lastSeen: 1) }
        return String(decoding: text(of: TargetInfo(settings: settings).added(to: snapshot)), as: UTF8.self)
    }

    private func info(_ labels: String, name: String = "target_info") -> String {
        "# HELP \(name) Target metadata\n# TYPE \(name) gauge\n\(name){\(labels)} 1\n"
    }

    @Test("R-TGT-01 R-TGT-02 a resource is a gauge of its attributes, job and instance, and nothing else")
    func attributesBecomeLabels() {
        let page = page(
            [
                [Attribute("service.namespace", "ns"), Attribute("os.type", "linux"), Attribute("pid", .int(42))]
                    + [Attribute("empty", ""), Attribute("job", "x"), Attribute("__x__", "y")] + Self.service
            ]
        ) { $0.constantLabels = ConstantLabels(["env": "prod"], keepsUTF8: false) }
        #expect(
            page
                == info(
                    #"exported___x__="y",exported_job="x",instance="i",job="ns/svc",os_type="linux",pid="42""#))
    }

    @Test("R-TGT-03 resources of one target are merged: differing attributes are left out, in any order")
    func mergedDeterministically() {
        let one = Self.service + [Attribute("host", "h1"), Attribute("v", "1"), Attribute("only", "here")]
        let two = Self.service + [Attribute("v", .int(1)), Attribute("host", "h2")]
        let expected = info(#"instance="i",job="svc",v="1""#)
        #expect(page([one, two]) == expected)
        #expect(page([two, one]) == expected)
        let other = [Attribute("service.name", "svc"), Attribute("service.instance.id", "j"), Attribute("host", "h3")]
        #expect(
            page([other, two, one])
                == info(#"host="h3",instance="j",job="svc""#) + #"target_info{instance="i",job="svc",v="1"} 1"# + "\n")
    }

    @Test("R-TGT-04 no target without identity, nor without an instance and other attributes")
    func emptyResources() {
        #expect(page([[], Array(Self.service[...0]), [Attribute("host", "h")]]) == "")
        #expect(page([[Attribute("host", "h")], Array(Self.service[...0])]) { $0.targetInfo = .always } == "")
    }

    @Test("R-TGT-01 a job and an instance are a target, as in the Collector, also without other attributes")
    func identityAlone() {
        let expected = info(#"instance="i",job="svc""#)
        #expect(page([Self.service]) == expected)
        #expect(page([Self.service]) { $0.targetInfo = .always } == expected)
        #expect(page([Self.service + [Attribute("empty", "")]]) == expected)
    }

    @Test("R-TGT-03 without an instance a target is shown only if configured")
    func withoutInstance() {
        let resource = [Attribute("service.name", "svc"), Attribute("host.name", "h1")]
        #expect(page([resource]) == "")
        #expect(page([resource]) { $0.targetInfo = .always } == info(#"host_name="h1",job="svc""#))
    }

    @Test("R-NAME-15 target_info has the namespace like any name")
    func namespace() {
        let resource = Self.service + [Attribute("a", "b")]
        let labels = #"a="b",instance="i",job="svc""#
        #expect(page([resource]) { $0.namespace = Array("9ns".utf8) } == info(labels, name: "_9ns_target_info"))
    }

    @Test("R-TYPE-10 R-TGT-03 the target is in the order of names, and in a gauge with its name")
    func metricsOfTheSameName() {
        let resource = Self.service + [Attribute("k", "v")]
        let others = [
            FamilySnapshot("a", samples: [("", .int(1))]), FamilySnapshot("z", samples: [("", .int(1))]),
        ]
        let page = page([resource], beside: others)
        #expect(
            page.split(separator: "\n").filter { $0.hasPrefix("# TYPE") }.map { $0.dropFirst(7) } == [
                "a gauge", "target_info gauge", "z gauge",
            ])
        let gauge = FamilySnapshot(
            "target_info", help: "mine", samples: [(#"instance="i",job="svc",k="v""#, .int(5)), (#"k="v""#, .int(5))])
        #expect(
            self.page(
                [resource, Self.service.dropLast() + [Attribute("service.instance.id", "j"), Attribute("k", "v")]],
                beside: [gauge]) == """
                    # HELP target_info mine
                    # TYPE target_info gauge
                    target_info{instance="i",job="svc",k="v"} 5
                    target_info{instance="j",job="svc",k="v"} 1
                    target_info{k="v"} 5

                    """)
        let counter = FamilySnapshot("target_info", .counter, samples: [("", .int(5))])
        #expect(self.page([resource], beside: [counter]).contains("gauge") == false)
    }

    @Test("R-TGT-05 R-TGT-01 in OpenMetrics target_info comes first, with a namespace as well")
    func firstInOpenMetrics() {
        let resource = Self.service + [Attribute("k", "v")]
        let gauge = { (name: String) in FamilySnapshot(name, samples: [("", .int(1))]) }
        for (namespace, name) in [("", "target_info"), ("ns", "ns_target_info")] {
            var settings = TranslationSettings()
            settings.namespace = Array(namespace.utf8)
            var snapshot = SeriesSnapshot(families: [gauge("a"), gauge("z")])
            snapshot.targets = [TargetSnapshot(resource: Resource(attributes: resource), lastSeen: 1)]
            let page = openMetrics(of: TargetInfo(settings: settings).added(to: snapshot))
            #expect(
                page == """
                    # TYPE \(name) gauge
                    # HELP \(name) Target metadata
                    \(name){instance="i",job="svc",k="v"} 1.0
                    # TYPE a gauge
                    # HELP a\(" ")
                    a 1.0
                    # TYPE z gauge
                    # HELP z\(" ")
                    z 1.0
                    # EOF

                    """)
        }
    }

    @Test("R-TGT-05 a gauge or info of an application that contains the targets comes first as well")
    func sharedFamilyIsFirst() {
        for (type, shown) in [(FamilyType.gauge, "# TYPE target_info gauge"), (.info, "# TYPE target info")] {
            var snapshot = SeriesSnapshot(families: [
                FamilySnapshot("a", samples: [("", .int(1))]),
                FamilySnapshot("target_info", type, samples: [(#"instance="x",job="y""#, .int(1))]),
            ])
            snapshot.targets = [
                TargetSnapshot(resource: Resource(attributes: Self.service + [Attribute("k", "v")]), lastSeen: 1)
            ]
            let lines = openMetrics(of: TargetInfo(settings: TranslationSettings()).added(to: snapshot))
                .split(separator: "\n")
            #expect(lines.first.map(String.init) == shown)
            #expect(lines.filter { $0.hasPrefix("target_info{") }.count == 2)
        }
    }

    @Test("values beyond the limit are cut, labels beyond it left out; job and instance match the series")
    func limits() {
        let long = String(repeating: "x", count: 5000)
        let page = page([Self.service + [Attribute("a", long), Attribute("b", "1"), Attribute("c", "2")]]) {
            $0.labels.maxLabels = 2
        }
        let cut = String(repeating: "x", count: 4096)
        #expect(page == info(#"a="\#(cut)",b="1",instance="i",job="svc""#))
        let tooLong = [Attribute("service.name", long), Attribute("service.instance.id", "i"), Attribute("a", "b")]
        #expect(self.page([tooLong]) == info(#"a="b",instance="i",job="\#(cut)""#))
    }
}
