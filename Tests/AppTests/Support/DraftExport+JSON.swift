import Foundation

extension DraftExport {
    /// Choices that the JSON mapping leaves open.
    struct JSONStyle {
        /// Integers as numbers instead of strings.
        var hasBareIntegers = false
        var hasSnakeCase = false
        /// Unknown keys with any values.
        var hasUnknownKeys = false
        var hasSpaces = false
    }

    /// ExportMetricsServiceRequest in JSON, with one resource and one scope.
    func json(_ style: JSONStyle) -> [UInt8] {
        let writer = JSONWriter(style: style)
        let scope = writer.object([("name", writer.string(scopeName)), ("version", writer.string(scopeVersion))])
        let scopeMetrics = writer.object([
            ("scope", scope), ("metrics", writer.array(metrics.map { writer.metric($0) })),
        ])
        let resourceMetrics = writer.object([
            ("resource", writer.object([("attributes", writer.attributes(resource))])),
            ("scopeMetrics", writer.array([scopeMetrics])),
        ])
        return Array(writer.object([("resourceMetrics", writer.array([resourceMetrics]))]).utf8)
    }
}

private struct JSONWriter {
    let style: DraftExport.JSONStyle

    func object(_ members: [(String, String)]) -> String {
        var members = members.map { (key($0.0), $0.1) }
        if style.hasUnknownKeys { members.insert(("new_in_2030", #"{"a":[null,{"b":-1.5e-3}]}"#), at: 0) }
        let space = style.hasSpaces ? "\n\t " : ""
        return "{" + members.map { "\(space)\"\($0)\":\(space)\($1)" }.joined(separator: ",") + space + "}"
    }

    func array(_ elements: [String]) -> String {
        "[" + elements.joined(separator: style.hasSpaces ? " , " : ",") + "]"
    }

    func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case ..<" ": result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    func attributes(_ attributes: [DraftExport.Attribute]) -> String {
        array(attributes.map { object([("key", string($0.key)), ("value", value($0.value))]) })
    }

    func metric(_ metric: DraftExport.Metric) -> String {
        var data = [("dataPoints", array(metric.points.map { point($0, of: metric.kind) }))]
        if metric.kind != .gauge { data.append(("aggregationTemporality", "\(metric.temporality)")) }
        if metric.kind == .counter { data.append(("isMonotonic", "true")) }
        let member =
            switch metric.kind {
            case .gauge: "gauge"
            case .counter, .upDownCounter: "sum"
            case .histogram: "histogram"
            }
        return object([("name", string(metric.name)), ("unit", string(metric.unit)), (member, object(data))])
    }

    private func point(_ point: DraftExport.Point, of kind: DraftExport.Kind) -> String {
        var members = [("attributes", attributes(point.attributes))]
        if point.startTime != 0 { members.append(("startTimeUnixNano", integer("\(point.startTime)"))) }
        if point.time != 0 { members.append(("timeUnixNano", integer("\(point.time)"))) }
        switch point.number {
        case .missing: break
        case .int(let number): members.append(("asInt", integer("\(number)")))
        case .double(let number): members.append(("asDouble", double(number)))
        case .buckets(let buckets):
            members.append(("count", integer("\(buckets.count)")))
            if let sum = buckets.sum { members.append(("sum", double(sum))) }
            members.append(("bucketCounts", array(buckets.counts.map { integer("\($0)") })))
            members.append(("explicitBounds", array(buckets.bounds.map { double($0) })))
        }
        if point.flags != 0 { members.append(("flags", "\(point.flags)")) }
        return object(members)
    }

    private func value(_ value: DraftExport.Value) -> String {
        switch value {
        case .none: "{}"
        case .string(let text): object([("stringValue", string(text))])
        case .bool(let flag): object([("boolValue", "\(flag)")])
        case .int(let number): object([("intValue", integer("\(number)"))])
        case .double(let number): object([("doubleValue", double(number))])
        case .bytes(let bytes): object([("bytesValue", string(Data(bytes).base64EncodedString()))])
        case .array(let values):
            object([("arrayValue", object([("values", array(values.map { self.value($0) }))]))])
        case .map(let attributes): object([("kvlistValue", object([("values", self.attributes(attributes))]))])
        }
    }

    private func integer(_ digits: String) -> String { style.hasBareIntegers ? digits : "\"\(digits)\"" }

    private func double(_ number: Double) -> String {
        if number.isNaN { return "\"NaN\"" }
        return number.isInfinite ? (number < 0 ? "\"-Infinity\"" : "\"Infinity\"") : "\(number)"
    }

    private func key(_ name: String) -> String {
        guard style.hasSnakeCase else { return name }
        return name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
    }
}
