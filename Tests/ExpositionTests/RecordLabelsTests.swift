import OTLP
import Settings
import Testing

@testable import Exposition

/// The labels of records for matchers.
@Suite struct RecordLabelsTests {
    private static func attribute(_ key: String, _ value: AttributeValue) -> Attribute {
        Attribute(key: Array(key.utf8), value: value)
    }

    private static func text(_ key: String, _ value: String) -> Attribute {
        attribute(key, .string(Array(value.utf8)))
    }

    @Test("records precede resources; names are those of labels or attributes")
    func namesAreFound() {
        let labels = RecordLabels(
            resource: [
                Self.text("service.name", "code"), Self.text("service.namespace", "team"), Self.text("user.email", "r"),
                Self.text("host.name", "h"), Self.text("service.instance.id", "i"),
            ],
            record: [Self.text("user.email", "a"), Self.attribute("count", .int(3)), Self.text("9", "x")])
        #expect(labels.value(of: "user_email") == "a")
        #expect(labels.value(of: "user.email") == "a")
        #expect(labels.value(of: "host_name") == "h")
        #expect(labels.value(of: "job") == "team/code")
        #expect(labels.value(of: "instance") == "i")
        #expect(labels.value(of: "service_name") == "code")
        #expect(labels.value(of: "count") == "3")
        #expect(labels.value(of: "key_9") == "x")
        #expect(labels.value(of: "user") == "")
        #expect(labels.value(of: "other") == "")
        #expect(RecordLabels(resource: [], record: []).value(of: "job") == "")
    }

    @Test("hashed labels are found by their hash, and by the label user")
    func hashesAreFound() {
        var policy = LabelPolicy()
        policy.rules = [.init(label: "user_email", action: .hash)]
        policy.userAttributes = [Array("user.email".utf8)]
        policy.hash = LabelHash(key: [1])
        let labels = RecordLabels(
            resource: [], record: [Self.text("user.email", "ada@example.org")], policy: policy)
        let digits = String(decoding: policy.hash.digits(of: Array("ada@example.org".utf8)[...]), as: UTF8.self)
        #expect(labels.value(of: "user_email") == digits)
        #expect(labels.value(of: "user") == digits)
    }
}
