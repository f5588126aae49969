/// What one kind of event adds to one metric (docs/events.md).
package struct EventRule: Equatable, Sendable {
    /// What becomes of the values.
    package enum Kind: Equatable, Sendable {
        case counter
        /// Upper bounds, ascending and finite; that of +Inf is not among them.
        case histogram(bounds: [Double])
    }

    /// `event.name` without the prefix `claude_code.`; nil matches every event.
    package var event: String?
    /// As OTLP has it, with dots.
    package var metric: String
    /// As OTLP has it; the exporter makes a suffix of the name of it.
    package var unit: String
    package var description: String
    package var kind: Kind
    /// What a matching event adds, the first that it has as a number; empty: 1. An event that has none of them adds
    /// nothing.
    package var values: [EventValue]
    package var labels: [EventLabel]
    /// The event must have each of these attributes with this text.
    package var conditions: [EventCondition]

    package init(
        event: String?, metric: String, unit: String = "", description: String = "", kind: Kind = .counter,
        values: [EventValue] = [], labels: [EventLabel] = [], conditions: [EventCondition] = []
    ) {
        self.event = event
        self.metric = metric
        self.unit = unit
        self.description = description
        self.kind = kind
        self.values = values
        self.labels = labels
        self.conditions = conditions
    }
}

/// A number that an event carries.
package struct EventValue: Equatable, Sendable {
    package var attribute: String
    /// 1000 makes seconds of milliseconds. Dividing rounds correctly where a factor of 0.001 would not. Not 0.
    package var divisor: Double

    package init(_ attribute: String, dividedBy divisor: Double = 1) {
        self.attribute = attribute
        self.divisor = divisor
    }
}

/// A label and where its value comes from; an event without the value gets no such label.
package struct EventLabel: Equatable, Sendable {
    /// Where a value comes from.
    package enum Source: Hashable, Sendable {
        case attribute(String)
        case constant(String)
        /// Who: the first of user.email, user.account_id, user.account_uuid, user.id.
        case user
        /// service.name of the resource.
        case service
        /// The event's own name.
        case event
        /// query_source, whose values on events are open-ended, as main, subagent or auxiliary, which is what the metrics
        /// have.
        case querySource
    }

    package var name: String
    package var source: Source

    package init(_ name: String, _ source: Source) {
        self.name = name
        self.source = source
    }

    /// The label that has the name of its attribute, or one of the names that stand for more: user, service, event_name,
    /// query_source.
    package init(_ name: String, from attribute: String) {
        self.name = name
        switch attribute {
        case "user": source = .user
        case "service": source = .service
        case "event_name": source = .event
        case "query_source": source = .querySource
        default: source = .attribute(attribute)
        }
    }
}

extension EventLabel: ExpressibleByStringLiteral {
    /// The label and its attribute have one name.
    package init(stringLiteral name: String) { self.init(name, from: name) }
}

/// An attribute that has to have a text; numbers and truth values are compared as they are written.
package struct EventCondition: Equatable, Sendable {
    package var attribute: String
    package var text: String

    package init(_ attribute: String, is text: String) {
        self.attribute = attribute
        self.text = text
    }
}
