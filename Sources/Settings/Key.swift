internal import Platform

/// One key of the configuration: its name, which values are valid, and where the value goes.
///
/// Nothing else declares these. The default is the initial value of the property, the documentation its comment; the
/// property has the key's name (`max_label_value_length` is `maxLabelValueLength`).
package struct Key<Root>: Sendable {
    /// As the configuration writes it.
    package let name: String

    /// Sets the value from a source that has a valid one; otherwise the root is unchanged.
    package let read: @Sendable (inout Root, any ValueSource) -> Void

    /// The same key of what holds the root.
    package func under<Outer>(_ path: any WritableKeyPath<Outer, Root> & Sendable) -> Key<Outer> {
        let read = read
        return Key<Outer>(name: name) { outer, source in read(&outer[keyPath: path], source) }
    }

    /// A value of a kind that is not below.
    /// - Parameter value: reads it from a source, under this name; nil: the value is unchanged.
    static func value<Value>(
        _ name: String, _ path: any WritableKeyPath<Root, Value> & Sendable,
        _ value: @escaping @Sendable (any ValueSource, String) -> Value?
    ) -> Key {
        Key(name: name) { root, source in
            if let value = value(source, name) { root[keyPath: path] = value }
        }
    }
}

extension Key {
    /// A whole number.
    package static func count(
        _ name: String, _ path: any WritableKeyPath<Root, Int> & Sendable, in range: ClosedRange<Int>
    ) -> Key {
        value(name, path) { $0.integer($1, in: range) }
    }

    /// A whole number; 0 is nil.
    package static func count(
        _ name: String, _ path: any WritableKeyPath<Root, Int?> & Sendable, in range: ClosedRange<Int>
    ) -> Key {
        value(name, path) { $0.integer($1, in: range).map { $0 == 0 ? Int?.none : $0 } }
    }

    /// A number of bytes, which may be written with KiB, MiB or GiB.
    package static func bytes(
        _ name: String, _ path: any WritableKeyPath<Root, Int> & Sendable, in range: ClosedRange<Int>
    ) -> Key {
        value(name, path) { $0.byteCount($1, in: range) }
    }

    /// A number that need not be whole.
    package static func number(
        _ name: String, _ path: any WritableKeyPath<Root, Double> & Sendable, in range: ClosedRange<Double>
    ) -> Key {
        value(name, path) { $0.decimal($1, in: range) }
    }

    /// A duration of at least `minimum`.
    package static func duration(
        _ name: String, _ path: any WritableKeyPath<Root, Duration> & Sendable, atLeast minimum: Duration = .zero
    ) -> Key {
        value(name, path) { $0.duration($1, atLeast: minimum) }
    }

    /// A duration; 0 is nil.
    package static func duration(
        _ name: String, _ path: any WritableKeyPath<Root, Duration?> & Sendable
    ) -> Key {
        value(name, path) { $0.duration($1, atLeast: .zero).map { $0 == .zero ? Duration?.none : $0 } }
    }

    /// A duration that is kept in nanoseconds, since it is compared with times of data points.
    package static func nanoseconds(_ name: String, _ path: any WritableKeyPath<Root, UInt64> & Sendable) -> Key {
        value(name, path) { $0.duration($1, atLeast: .zero)?.nanoseconds }
    }

    /// The same; 0 is nil.
    package static func nanoseconds(_ name: String, _ path: any WritableKeyPath<Root, UInt64?> & Sendable) -> Key {
        value(name, path) { $0.duration($1, atLeast: .zero).map { $0 == .zero ? UInt64?.none : $0.nanoseconds } }
    }

    /// `true` or `false`.
    package static func flag(_ name: String, _ path: any WritableKeyPath<Root, Bool> & Sendable) -> Key {
        value(name, path) { $0.flag($1) }
    }

    /// One of the words of an enumeration.
    package static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, _ path: any WritableKeyPath<Root, Choice> & Sendable
    ) -> Key where Choice.RawValue == String {
        value(name, path) { $0.choice($1, Choice.self) }
    }

    /// The path of a URL, with a slash at its start.
    package static func urlPath(_ name: String, _ path: any WritableKeyPath<Root, String> & Sendable) -> Key {
        value(name, path) { $0.urlPath($1) }
    }

    /// Any text.
    package static func text(_ name: String, _ path: any WritableKeyPath<Root, String> & Sendable) -> Key {
        value(name, path) { $0.text($1) }
    }
}

/// Where the values of keys come from. Nil: the key is absent, or its value is not valid, which the source reports.
package protocol ValueSource {
    /// A whole number.
    func integer(_ key: String, in range: ClosedRange<Int>) -> Int?
    /// A number of bytes.
    func byteCount(_ key: String, in range: ClosedRange<Int>) -> Int?
    /// A number that need not be whole.
    func decimal(_ key: String, in range: ClosedRange<Double>) -> Double?
    /// A duration, never negative.
    func duration(_ key: String, atLeast minimum: Duration) -> Duration?
    /// A truth value.
    func flag(_ key: String) -> Bool?
    /// One of the words of an enumeration.
    func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, _ type: Choice.Type) -> Choice?
    where Choice.RawValue == String
    /// The path of a URL; a missing slash at the start is added, as the Collector does.
    func urlPath(_ key: String) -> String?
    /// The text of a scalar.
    func text(_ key: String) -> String?
}
