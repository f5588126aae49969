/// One key of the configuration: its name, which values are valid, and where the value goes.
///
/// It is the only place where the three stand. The default is the initial value of the property, the documentation its
/// comment; the property has the key's name (`max_label_value_length` is `maxLabelValueLength`).
package struct Key<Root>: Sendable {
    /// As the configuration writes it.
    package let name: String

    /// Sets the value from a source that has a valid one; otherwise the root stays as it is.
    package let read: @Sendable (inout Root, any ValueSource) -> Void

    /// The same key of what holds the root.
    package func under<Outer>(_ path: any WritableKeyPath<Outer, Root> & Sendable) -> Key<Outer> {
        let read = read
        return Key<Outer>(name: name) { outer, source in read(&outer[keyPath: path], source) }
    }

    private static func key<Value>(
        _ name: String, _ path: any WritableKeyPath<Root, Value> & Sendable,
        _ value: @escaping @Sendable (any ValueSource) -> Value?
    ) -> Key {
        Key(name: name) { root, source in
            if let value = value(source) { root[keyPath: path] = value }
        }
    }
}

extension Key {
    /// A whole number.
    package static func count(
        _ name: String, _ path: any WritableKeyPath<Root, Int> & Sendable, in range: ClosedRange<Int>
    ) -> Key {
        key(name, path) { $0.integer(name, in: range) }
    }

    /// A whole number; 0 is nil.
    package static func count(
        _ name: String, _ path: any WritableKeyPath<Root, Int?> & Sendable, in range: ClosedRange<Int>
    ) -> Key {
        key(name, path) { $0.integer(name, in: range).map { $0 == 0 ? Int?.none : $0 } }
    }

    /// A number of bytes, which may be written with KiB, MiB or GiB.
    package static func bytes(
        _ name: String, _ path: any WritableKeyPath<Root, Int> & Sendable, in range: ClosedRange<Int>
    ) -> Key {
        key(name, path) { $0.byteCount(name, in: range) }
    }

    /// A number that need not be whole.
    package static func number(
        _ name: String, _ path: any WritableKeyPath<Root, Double> & Sendable, in range: ClosedRange<Double>
    ) -> Key {
        key(name, path) { $0.decimal(name, in: range) }
    }

    /// A duration of at least `minimum`.
    package static func duration(
        _ name: String, _ path: any WritableKeyPath<Root, Duration> & Sendable, atLeast minimum: Duration = .zero
    ) -> Key {
        key(name, path) { $0.duration(name, atLeast: minimum) }
    }

    /// A duration; 0 is nil.
    package static func duration(
        _ name: String, _ path: any WritableKeyPath<Root, Duration?> & Sendable
    ) -> Key {
        key(name, path) { $0.duration(name, atLeast: .zero).map { $0 == .zero ? Duration?.none : $0 } }
    }

    /// A duration that is kept in nanoseconds, since it is compared with times of data points.
    package static func nanoseconds(_ name: String, _ path: any WritableKeyPath<Root, UInt64> & Sendable) -> Key {
        key(name, path) { $0.duration(name, atLeast: .zero)?.nanoseconds }
    }

    /// `true` or `false`.
    package static func flag(_ name: String, _ path: any WritableKeyPath<Root, Bool> & Sendable) -> Key {
        key(name, path) { $0.flag(name) }
    }

    /// One of the words of an enumeration.
    package static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, _ path: any WritableKeyPath<Root, Choice> & Sendable
    ) -> Key where Choice.RawValue == String {
        key(name, path) { $0.choice(name, Choice.self) }
    }

    /// Any text.
    package static func text(_ name: String, _ path: any WritableKeyPath<Root, String> & Sendable) -> Key {
        key(name, path) { $0.text(name) }
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
    /// The text of a scalar.
    func text(_ key: String) -> String?
}
