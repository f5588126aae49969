import OTLP
import Series
import Settings
import Testing

@testable import Exposition

/// Which labels are shown, left out or hashed.
@Suite struct LabelPolicyTests {
    private static let secret = Array("0123456789abcdef".utf8)
    /// HMAC-SHA-256 of `a@b.c` under the secret, by another implementation.
    private static let mailHash = "c8b9adc27ca0fc81"
    private static let userAttributes = ["user.email", "user.account_id", "user.id"].map { Array($0.utf8) }

    private static func policy(_ rules: (String, LabelAction)..., user: [[UInt8]] = []) -> LabelPolicy {
        var policy = LabelPolicy()
        policy.rules = rules.map { LabelRule(label: $0.0, action: $0.1) }
        policy.userAttributes = user
        policy.hash = LabelHash(key: secret)
        return policy
    }

    private static func translation(
        _ policy: LabelPolicy, _ change: (inout TranslationSettings) -> Void = { _ in }
    ) -> PrometheusTranslation {
        var settings = TranslationSettings()
        settings.labelPolicy = policy
        change(&settings)
        return PrometheusTranslation(settings: settings)
    }

    @Test("hashes are HMAC-SHA-256 with a secret of any length")
    func keyedHash() {
        let long = LabelHash(key: Array(String(repeating: "k", count: 70).utf8))
        #expect(String(decoding: long.digits(of: Array("x".utf8)[...]), as: UTF8.self) == "9aaa34ef38bff9e3")
        let hash = LabelHash(key: Self.secret)
        #expect(String(decoding: hash.digits(of: Array("a@b.c".utf8)[...]), as: UTF8.self) == Self.mailHash)
        #expect(hash.digits(of: []) == [])
    }

    @Test("labels are dropped, hashed and kept by name; the first matching rule applies")
    func rules() throws {
        let policy = Self.policy(
            ("user_id", .keep), ("user_*", .drop), ("*mail*", .hash), ("otel_scope_version", .drop))
        let stream = StreamIdentity(
            MetricIdentity("m"),
            [
                Attribute("user.id", "7"), Attribute("user.name", "x"), Attribute("contact.email", "a@b.c"),
                Attribute("model", "opus"),
            ], resource: [Attribute("service.name", "svc")], scope: Scope("s", version: "1"))
        #expect(
            try Self.translation(policy).labels(of: stream)
                == #"contact_email="\#(Self.mailHash)",job="svc",model="opus",otel_scope_name="s",user_id="7""#)
    }

    @Test("a rule also matches the name with underscores, if names keep other characters")
    func otherCharacters() throws {
        for pattern in ["session_id", "session.id", "session*"] {
            let translation = Self.translation(Self.policy((pattern, .drop))) { $0.keepsUTF8 = true }
            #expect(try translation.labels(Attribute("session.id", "s"), Attribute("a.b", "1")) == #""a.b"="1""#)
        }
    }

    @Test("dropped labels do not count towards the limits")
    func droppedLabelsRejectNothing() throws {
        let translation = Self.translation(Self.policy(("x*", .drop))) {
            $0.labels.maxLabelValueLength = 10
            $0.labels.maxLabels = 2
        }
        let long = Attribute("x", String(repeating: "v", count: 11))
        #expect(try translation.labels(long, Attribute("x2", "2"), Attribute("a", "1")) == #"a="1""#)
    }

    @Test("values joined in one label are hashed as one")
    func joinedValues() throws {
        let policy = Self.policy(("a_b", .hash))
        let joined = try Self.translation(policy).labels(Attribute("a.b", "1"), Attribute("a_b", "2"))
        let hash = String(decoding: LabelHash(key: Self.secret).digits(of: Array("1;2".utf8)[...]), as: UTF8.self)
        #expect(joined == #"a_b="\#(hash)""#)
    }

    @Test("constant labels are shown independent of rules")
    func constantLabels() throws {
        let translation = Self.translation(Self.policy(("*", .drop))) {
            $0.constantLabels = ConstantLabels(["env": "prod"], keepsUTF8: false)
        }
        let stream = StreamIdentity(
            MetricIdentity("m"), [Attribute("a", "1")], resource: [Attribute("service.name", "svc")], scope: Scope("s"))
        #expect(try translation.labels(of: stream) == #"env="prod""#)
    }

    @Test("the label user is the first of its attributes, and replaces an attribute user")
    func derivedUser() throws {
        let translation = Self.translation(Self.policy(user: Self.userAttributes))
        #expect(
            try translation.labels(Attribute("user.id", "7"), Attribute("user.email", "a@b.c"))
                == #"user="a@b.c",user_email="a@b.c",user_id="7""#)
        #expect(
            try translation.labels(Attribute("user.id", "7"), Attribute("user.email", ""), Attribute("user", "me"))
                == #"exported_user="me",user="7",user_id="7""#)
        #expect(try translation.labels(Attribute("user", "me")) == #"user="me""#)
        let constant = Self.translation(Self.policy(user: Self.userAttributes)) {
            $0.constantLabels = ConstantLabels(["user": "all"], keepsUTF8: false)
        }
        #expect(try constant.labels(Attribute("user.id", "7")) == #"user="all",user_id="7""#)
    }

    @Test(
        "user is hashed if its source label is, unless a rule names user",
        arguments: [
            (policy(("*mail*", .hash), user: userAttributes), #"user="\#(mailHash)",user_email="\#(mailHash)""#),
            (policy(("user_*", .drop), user: userAttributes), #"user="a@b.c""#),
            (policy(("user_email", .drop), ("user", .hash), user: userAttributes), #"user="\#(mailHash)""#),
            (policy(("user", .keep), ("*", .hash), user: userAttributes), #"user="a@b.c",user_email="\#(mailHash)""#),
            (policy(("user", .drop), user: userAttributes), #"user_email="a@b.c""#),
        ])
    func userFollowsItsSource(policy: LabelPolicy, labels: String) throws {
        #expect(try Self.translation(policy).labels(Attribute("user.email", "a@b.c")) == labels)
        // Event metrics have only the label, as a map with the source of its value.
        let map = Attribute("user", .keyValues([Attribute("user.email", "a@b.c")]))
        let event = try Self.translation(policy)
            .labels(of: StreamIdentity(MetricIdentity("m"), [map], scope: Scope("odometer.events")))
        let user = labels.split(separator: ",").filter { $0.hasPrefix("user=") }
        #expect(event.split(separator: ",").filter { $0.hasPrefix("user=") } == user)
        // In other metrics it is a normal map.
        #expect(try PrometheusTranslation().labels(map) == #"user="{\"user.email\":\"a@b.c\"}""#)
    }

    @Test("event metrics have no user if it is not configured and its source label is dropped")
    func droppedSource() throws {
        let map = Attribute("user", .keyValues([Attribute("user.email", "a@b.c")]))
        let stream = StreamIdentity(MetricIdentity("m"), [map], scope: Scope("odometer.events"))
        func shown(_ policy: LabelPolicy) throws -> Bool {
            try Self.translation(policy).labels(of: stream).contains("a@b.c")
        }
        #expect(try shown(Self.policy(("user_email", .drop))) == false)
        #expect(try shown(Self.policy(("*mail*", .drop), ("user_id", .keep))) == false)
        #expect(try shown(Self.policy(("user", .keep), ("*", .drop))))
        #expect(try shown(Self.policy(("user_id", .drop))))
    }

    @Test("event metrics have user without any rule")
    func eventsShowTheValue() throws {
        let map = Attribute("who", .keyValues([Attribute("user.email", "a@b.c")]))
        let stream = StreamIdentity(MetricIdentity("m"), [map], scope: Scope("odometer.events"))
        #expect(
            try PrometheusTranslation().labels(of: stream) == #"otel_scope_name="odometer.events",who="a@b.c""#)
    }

    @Test("the filtered attributes of exemplars follow the rules")
    func exemplars() {
        let translation = Self.translation(Self.policy(("*mail*", .hash), ("session_id", .drop)))
        let attributes = [Attribute("session.id", "s"), Attribute("user.email", "a@b.c"), Attribute("x", "1")]
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        let labels = translation.exemplarLabels(traceID: none, spanID: none, attributes: attributes)
        #expect(String(decoding: labels, as: UTF8.self) == #"user_email="\#(Self.mailHash)",x="1""#)
    }

    @Test("target_info follows the rules, and shows no target twice")
    func targets() {
        func page(_ policy: LabelPolicy) -> String {
            var settings = TranslationSettings()
            settings.labelPolicy = policy
            settings.targetInfo = .always
            var snapshot = SeriesSnapshot()
            snapshot.targets = ["i", "j"].map { instance in
                let attributes = [
                    Attribute("service.name", "svc"), Attribute("service.instance.id", instance),
                    Attribute("user.email", "a@b.c"), Attribute("host.name", "h"),
                ]
                return TargetSnapshot(resource: Resource(attributes: attributes), lastSeen: 1)
            }
            let text = String(decoding: text(of: TargetInfo(settings: settings).added(to: snapshot)), as: UTF8.self)
            return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.joined(separator: "\n")
        }
        #expect(
            page(Self.policy(("instance", .drop), ("host*", .drop), ("*mail*", .hash)))
                == #"target_info{job="svc",user_email="\#(Self.mailHash)"} 1"#)
        let job = String(decoding: LabelHash(key: Self.secret).digits(of: Array("svc".utf8)[...]), as: UTF8.self)
        #expect(
            page(Self.policy(("job", .hash), ("*", .drop), ("instance", .keep)))
                == #"target_info{job="\#(job)"} 1"#)
    }

    @Test("a hash of a long value is as short as others")
    func longValues() throws {
        let value = String(repeating: "x", count: 4096)
        let labels = try Self.translation(Self.policy(("a", .hash))).labels(Attribute("a", value))
        #expect(labels.utf8.count == #"a="""#.utf8.count + 16)
    }
}
