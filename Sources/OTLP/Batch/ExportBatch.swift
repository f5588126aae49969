internal import Settings

/// What the batches of all signals have in common: resources, their scopes, and tables of what scopes hold.
protocol ExportBatch: ~Copyable {
    var encoding: WireEncoding { get set }
    var resources: [RawResource] { get set }
    var scopes: [RawScope] { get set }
    /// What the export lost when it was decoded.
    var losses: DecodingLosses { get set }
    /// Where the body begins; nil while the batch is empty.
    var bodyStart: UnsafeRawPointer? { get set }
    /// Where the decoders put what does not lie in the body.
    var arena: Arena { get }
    var limits: DecodingLimits { get }
    /// What the rows of all tables take, bytes.
    var tableBytes: Int { get }

    /// Empties all tables: from here on the batch points nowhere.
    mutating func clear()

    /// Enters an export in protobuf into the empty batch.
    mutating func decodeProtobuf(_ body: UnsafeRawBufferPointer) throws(DecodingFailure)

    /// The keys of JSON that hold resources, their scopes, and what scopes hold.
    static var envelopeKeys: (resources: JSONKey, scopes: JSONKey, items: JSONKey) { get }

    /// Enters one element of what a scope holds.
    mutating func decodeItem(_ json: inout JSONScanner, scope: Int32) throws(JSONFault)

    /// How long the tables of what scopes hold are.
    associatedtype ItemMarks
    var itemMarks: ItemMarks { get }

    /// Takes back what came behind the marks.
    mutating func dropItems(from marks: ItemMarks)
}

/// Rows of a table between two looks at the memory of all of them. 128.
private let checkedRows = 128

extension ExportBatch where Self: ~Copyable {
    /// Decodes an export in place of what the batch held; after an error it is empty.
    mutating func replace(
        with body: UnsafeRawBufferPointer, as encoding: WireEncoding
    ) throws(DecodingFailure) {
        clear()
        self.encoding = encoding
        bodyStart = body.baseAddress
        do throws(DecodingFailure) {
            switch encoding {
            case .protobuf:
                if let signal = Self.envelopeKeys.resources.signal,
                    let refusal = OtherSignal.protobufRefusal(of: body, sentAs: signal)
                {
                    throw refusal
                }
                try decodeProtobuf(body)
            case .json: try decodeJSON(body)
            }
        } catch {
            clear()
            throw error
        }
    }

    /// Notes that a part of the export is lost.
    /// - Throws: `failure` if it costs more than the part.
    @inline(never)
    mutating func leaveOut(_ part: ExportPart, _ failure: DecodingFailure) throws(DecodingFailure) {
        guard failure.isOfPart else { throw failure }
        losses.note(part, failure)
    }

    /// Reads what was left raw.
    func reader(limits: DecodingLimits) -> AttributeReader {
        AttributeReader(encoding: encoding, limits: limits, origin: bodyStart)
    }

    /// Checks that `table` may take one more row: all tables together stay within `DecodingLimits.maxDecodingMemory`, give or take
    /// `checkedRows` of each. Whatever was decoded before, the same exports pass.
    @inline(__always)
    func checkRoom<Row>(in table: [Row]) throws(DecodingFailure) {
        if table.count % checkedRows == 0 { try checkRoom(for: 1, in: table) }
    }

    /// Checks that `table` may take `count` more rows.
    @inline(never)
    func checkRoom<Row>(for count: Int, in table: [Row]) throws(DecodingFailure) {
        guard count <= (limits.maxDecodingMemory - tableBytes) / MemoryLayout<Row>.stride else { throw arena.exhausted }
    }

    /// What the rows of a table take, bytes.
    static func bytes<Row>(of table: [Row]) -> Int { table.count * MemoryLayout<Row>.stride }
}
