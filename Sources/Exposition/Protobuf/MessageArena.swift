internal import CClientModel
private import CMemory

/// Memory for one protobuf-c message and everything it points to.
///
/// protobuf-c packs structures that point to each other; here they are allocated together and released together. Beyond
/// the limit every allocation returns nil, and the message is incomplete: `isExhausted` is true.
final class MessageArena {
    private let arena: OpaquePointer?

    /// - Parameter limitBytes: of all allocations between two resets.
    init(limitBytes: Int) {
        arena = memory_arena_create(limitBytes)
    }

    deinit {
        if let arena { memory_arena_destroy(arena) }
    }

    /// Whether the message is incomplete.
    var isExhausted: Bool { arena.map(memory_arena_exhausted) ?? true }

    /// Releases all memory.
    func reset() {
        if let arena { memory_arena_reset(arena) }
    }

    /// A structure with this content.
    func make<Message>(_ initial: Message) -> UnsafeMutablePointer<Message>? {
        guard let pointer: UnsafeMutablePointer<Message> = allocate(1) else { return nil }
        pointer.initialize(to: initial)
        return pointer
    }

    /// An array with room for `count`, not initialised; nil if empty.
    func allocate<Element>(_ count: Int) -> UnsafeMutablePointer<Element>? {
        guard count > 0, let arena else { return nil }
        return memory_arena_allocate(arena, count * MemoryLayout<Element>.stride)?
            .bindMemory(to: Element.self, capacity: count)
    }

    /// Pointers to messages, as in repeated fields of protobuf-c; nil if empty or out of memory.
    func list<Source, Message>(
        _ sources: [Source], _ make: (Source) -> UnsafeMutablePointer<Message>?
    ) -> UnsafeMutablePointer<UnsafeMutablePointer<Message>?>? {
        guard let list: UnsafeMutablePointer<UnsafeMutablePointer<Message>?> = allocate(sources.count) else {
            return nil
        }
        for (index, source) in sources.enumerated() { (list + index).initialize(to: make(source)) }
        return list
    }

    /// Numbers of a repeated field.
    func numbers<Number>(_ values: [Number]) -> UnsafeMutablePointer<Number>? {
        guard let list: UnsafeMutablePointer<Number> = allocate(values.count) else { return nil }
        list.initialize(from: values, count: values.count)
        return list
    }

    func bytes(_ bytes: [UInt8]) -> ProtobufCBinaryData {
        ProtobufCBinaryData(len: bytes.count, data: numbers(bytes))
    }
}
