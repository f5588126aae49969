/// A value behind one pointer, so that the rare large state does not make every stream's record larger. Copied when it
/// is changed while shared, as every value is.
struct Boxed<Value: Sendable>: Sendable {
    /// One element: an array changes in place, which an indirect case of an enum does not.
    private var storage: [Value]

    init(_ value: Value) { storage = [value] }

    var value: Value {
        _read { yield storage[0] }
        _modify { yield &storage[0] }
    }
}
