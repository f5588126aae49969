/// A value behind one pointer, so that the rare large state does not enlarge the record of every stream. Has value
/// semantics.
struct Boxed<Value: Sendable>: Sendable {
    /// One element: an array changes in place, which an indirect case of an enum does not.
    private var storage: [Value]

    init(_ value: Value) { storage = [value] }

    var value: Value {
        _read { yield storage[0] }
        _modify { yield &storage[0] }
    }
}
