/// What one kind of event adds to one metric (docs/events.md).
package struct EventRule: Equatable, Sendable {
    /// How the values are aggregated.
    package enum Kind: Equatable, Sendable {
        case counter
        /// Upper bounds, ascending and finite, without +Inf.
        case histogram(bounds: [Double])
    }

    /// `event.name` without the prefix `claude_code.`; nil matches every event.
    package var event: String?
    /// The OTLP name, with dots.
    package var metric: String
    /// The OTLP unit; the exporter derives a suffix from it.
    package var unit: String
    package var description: String
    package var kind: Kind
    /// The attributes whose number a matching event adds: the first that it has; empty: 1. An event with none of them
    /// adds nothing.
    package var values: [EventValue]
    package var labels: [EventLabel]
    /// Attributes and values that the event must have.
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

/// An attribute with a number.
package struct EventValue: Equatable, Sendable {
    package var attribute: String
    /// 1000 turns milliseconds into seconds. Dividing rounds correctly, a factor of 0.001 would not. Not 0.
    package var divisor: Double

    package init(_ attribute: String, dividedBy divisor: Double = 1) {
        self.attribute = attribute
        self.divisor = divisor
    }
}

/// A label and the source of its value; without a value an event does not get the label.
package struct EventLabel: Equatable, Sendable {
    /// The source of a label's value.
    package enum Source: Hashable, Sendable {
        case attribute(String)
        case constant(String)
        /// The user: the first of user.email, user.account_id, user.account_uuid, user.id.
        case user
        /// service.name of the resource.
        case service
        /// The name of the event.
        case event
        /// query_source, which has arbitrary values on events, as main, subagent or auxiliary, as on the metrics.
        case querySource
    }

    package var name: String
    package var source: Source

    package init(_ name: String, _ source: Source) {
        self.name = name
        self.source = source
    }

    /// The label of the attribute with the same name, or one of the special names user, service, event_name and
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
    /// The label and its attribute have the same name.
    package init(stringLiteral name: String) { self.init(name, from: name) }
}

/// An attribute with a required text; numbers and truth values are compared as text.
package struct EventCondition: Equatable, Sendable {
    package var attribute: String
    package var text: String

    package init(_ attribute: String, is text: String) {
        self.attribute = attribute
        self.text = text
    }
}
