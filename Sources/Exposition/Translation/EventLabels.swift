internal import OTLP
internal import Series
internal import Settings

/// The source attributes of the labels of event metrics, so that processors and policies for an attribute apply to
/// every label that shows it, under any name (docs/events.md).
package struct EventLabels: Equatable, Sendable {
    /// The source of a label.
    package enum Source: Equatable, Sendable {
        /// An attribute of the record.
        case attribute([UInt8])
        /// service.name of the resource.
        case service
    }

    private struct Place: Hashable {
        var metric: [UInt8]
        var label: [UInt8]
    }

    private var sources: [Place: [Source]] = [:]

    /// Every label shows the attribute of its own name.
    package init() {}

    /// Adds the source of a metric's label. A label made by several rules has several sources.
    package mutating func add(_ source: Source, to label: [UInt8], of metric: [UInt8]) {
        let place = Place(metric: metric, label: label)
        guard sources[place]?.contains(source) != true else { return }
        sources[place, default: []].append(source)
    }

    /// The keys of the attributes that a label shows, and whether it shows service.name.
    private func origin(of label: [UInt8], metric: [UInt8]) -> (keys: [[UInt8]], isService: Bool) {
        guard let known = sources[Place(metric: metric, label: label)] else { return ([label], false) }
        let keys = known.compactMap { source in
            if case .attribute(let key) = source { key } else { nil }
        }
        return (keys, known.contains(.service))
    }

    /// The stream of an event metric after the processors of a page.
    func process(_ received: StreamIdentity, with processors: [AttributeProcessor]) -> StreamIdentity {
        var stream = received
        let metric = stream.metric.name
        let resourceMarks = HashMarks.take(from: &stream.resource.attributes)
        let labelMarks = HashMarks.take(from: &stream.attributes)
        if processors.isEmpty { return stream }
        var processed = stream
        processed.resource = AttributeProcessor.process(stream.resource, with: processors, marks: resourceMarks)
        let service = (Self.service(of: stream.resource), Self.service(of: processed.resource))
        // The attributes of the record, as far as labels show them.
        var record: [Attribute] = []
        var marks = HashMarks()
        var labels: [Label] = []
        for var attribute in stream.attributes {
            let (users, userMarks) = SourcedValue.marked(attribute.value)
            var label = Label(attribute: attribute, keys: users.map(\.source), isUser: !users.isEmpty)
            if users.isEmpty {
                let origin = origin(of: attribute.key, metric: metric)
                label.keys = origin.keys
                if origin.isService {
                    label.keys.append(attribute.key)
                    if service.0 != service.1 {
                        guard let name = service.1 else { continue }
                        attribute.value = name
                    }
                }
            }
            for (index, key) in label.keys.enumerated() where !record.contains(where: { $0.key == key }) {
                record.append(Attribute(key: key, value: label.isUser ? users[index].value : attribute.value))
                marks[key] = label.isUser ? userMarks[key] : labelMarks[attribute.key]
            }
            labels.append(label)
        }
        var left = record
        for processor in processors where processor.target == .dataPoints && processor.isFor(metric) {
            processor.apply(to: &left, skipping: &marks)
        }
        processed.attributes = labels.compactMap { $0.left(of: left, from: record) }
        processed.attributes += left.filter { attribute in !record.contains { $0.key == attribute.key } }
        processed.attributes.sort { $0.key.lexicographicallyPrecedes($1.key) }
        return processed
    }

    /// The value of a label for the policy: with its source attribute, if that has another name.
    func sourced(_ attribute: Attribute, of metric: [UInt8]) -> SourcedValue? {
        if let user = SourcedValue.all(attribute.value).first { return user }
        let keys = origin(of: attribute.key, metric: metric).keys
        guard let key = keys.first(where: { $0 != attribute.key }) else { return nil }
        return SourcedValue(source: key, value: attribute.value, isUser: false)
    }

    private static let serviceName = Array("service.name".utf8)

    private static func service(of resource: Resource) -> AttributeValue? {
        resource.attributes.last { $0.key == serviceName }?.value
    }

    /// A label with the attributes that it shows.
    private struct Label {
        var attribute: Attribute
        /// For a user label, the best first: if one is deleted, the next is used.
        var keys: [[UInt8]]
        var isUser: Bool

        /// The label after processors have changed the attributes; nil if nothing is left to show.
        func left(of left: [Attribute], from record: [Attribute]) -> Attribute? {
            let values = keys.map { key in left.last { $0.key == key }?.value }
            guard !isUser else {
                for (key, value) in zip(keys, values) {
                    guard let value, value != .empty, value != .string([]) else { continue }
                    let map = AttributeValue.keyValues([Attribute(key: key, value: value)])
                    return Attribute(key: attribute.key, value: map)
                }
                return nil
            }
            // Which of several attributes it is is unknown here: changes of one apply to it.
            let kept = values.compactMap(\.self)
            guard kept.count == keys.count, let first = kept.first else { return nil }
            let changed = zip(keys, kept).first { key, value in record.last { $0.key == key }?.value != value }?.1
            return Attribute(key: attribute.key, value: changed ?? first)
        }
    }
}
