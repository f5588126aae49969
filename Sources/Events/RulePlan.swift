internal import OTLP
internal import Settings

/// The rules in a form for fast matching: names are numbers.
struct RulePlan: Sendable {
    /// The attributes that are read, by slot.
    private(set) var attributes: NameTable
    private(set) var labels: [Label] = []
    private(set) var metrics: [Metric] = []

    /// Rules by the number of their event.
    private var byEvent: [[Rule]] = []
    private var events = NameTable()
    private var ofEveryEvent: [Rule] = []

    // Slots read for every record.
    let eventName: Int
    let sessionID: Int
    let sequence: Int
    let timestamp: Int
    /// Ids in an event: of a prompt, a message, a request, the use of a tool.
    let ownIDs: [Int]
    /// In the order of preference, each with the attribute's key.
    let user: [(slot: Int, key: [UInt8])]
    let querySource: Int

    /// A label of any rule; rules with the same label share it, so that it is made once for each record.
    struct Label: Sendable {
        enum Source: Sendable {
            case slot(Int)
            case constant([UInt8])
            case user, service, event, querySource
        }

        var name: [UInt8]
        var source: Source
    }

    /// The common properties of the points of a metric.
    struct Metric: Sendable {
        var name: [UInt8]
        var unit: [UInt8]
        var description: [UInt8]
        var shape: Shape

        enum Shape: Equatable, Sendable {
            case counter
            case buckets([Double])
            case exponential
        }
    }

    struct Rule: Sendable {
        var metric: Int
        var values: [(slot: Int, divisor: Double)]
        /// Indices into `RulePlan.labels`.
        var labels: [Int]
        var conditions: [(slot: Int, text: [UInt8])]
    }

    /// - Parameters:
    ///   - hasNativeHistograms: whether histograms are exponential; see `EventHistograms.native`.
    ///   - userAttributes: see there, too.
    init(_ rules: [EventRule], hasNativeHistograms: Bool, userAttributes: [String]) {
        self.hasNativeHistograms = hasNativeHistograms
        var attributes = NameTable()
        eventName = attributes.number(of: "event.name")
        sessionID = attributes.number(of: "session.id")
        sequence = attributes.number(of: "event.sequence")
        timestamp = attributes.number(of: "event.timestamp")
        ownIDs = ["prompt.id", "message.uuid", "request_id", "client_request_id", "tool_use_id"].map {
            attributes.number(of: $0)
        }
        user = userAttributes.map { (attributes.number(of: $0), Array($0.utf8)) }
        querySource = attributes.number(of: "query_source")
        self.attributes = attributes
        for rule in rules { insert(rule) }
    }

    /// The rules for an event, those for every event first.
    func forEachRule(of event: UnsafeRawBufferPointer, _ body: (Rule) -> Void) {
        for rule in ofEveryEvent { body(rule) }
        if let number = events.find(event) {
            for rule in byEvent[number] { body(rule) }
        }
    }

    private mutating func insert(_ rule: EventRule) {
        let compiled = Rule(
            metric: metricNumber(of: rule),
            values: rule.values.map { (attributes.number(of: $0.attribute), $0.divisor) },
            labels: rule.labels.map { labelNumber(of: $0) },
            conditions: rule.conditions.map { (attributes.number(of: $0.attribute), Array($0.text.utf8)) })
        guard let event = rule.event else { return ofEveryEvent.append(compiled) }
        let number = events.number(of: event)
        if number == byEvent.count { byEvent.append([]) }
        byEvent[number].append(compiled)
    }

    private mutating func metricNumber(of rule: EventRule) -> Int {
        let shape: Metric.Shape
        switch rule.kind {
        case .counter: shape = .counter
        case .histogram(let bounds): shape = hasNativeHistograms ? .exponential : .buckets(bounds)
        }
        let name = Array(rule.metric.utf8)
        let unit = Array(rule.unit.utf8)
        if let known = metrics.firstIndex(where: { $0.name == name && $0.unit == unit && $0.shape == shape }) {
            return known
        }
        metrics.append(Metric(name: name, unit: unit, description: Array(rule.description.utf8), shape: shape))
        return metrics.count - 1
    }

    private let hasNativeHistograms: Bool
    private var labelNumbers: [LabelKey: Int] = [:]

    private struct LabelKey: Hashable, Sendable {
        var name: String
        var source: EventLabel.Source
    }

    private mutating func labelNumber(of label: EventLabel) -> Int {
        let key = LabelKey(name: label.name, source: label.source)
        if let known = labelNumbers[key] { return known }
        let source: Label.Source
        switch label.source {
        case .attribute(let name): source = .slot(attributes.number(of: name))
        case .constant(let text): source = .constant(Array(text.utf8))
        case .user: source = .user
        case .service: source = .service
        case .event: source = .event
        case .querySource: source = .querySource
        }
        labelNumbers[key] = labels.count
        labels.append(Label(name: Array(label.name.utf8), source: source))
        return labels.count - 1
    }
}
