internal import Settings

/// The common parts of the batches of all signals: resources, their scopes, and tables of what scopes contain.
protocol ExportBatch: ~Copyable {
    var encoding: WireEncoding { get set }
    var resources: [RawResource] { get set }
    var scopes: [RawScope] { get set }
    /// The parts that were lost when the export was decoded.
    var losses: DecodingLosses { get set }
    /// The beginning of the body; nil while the batch is empty.
    var bodyStart: UnsafeRawPointer? { get set }
    /// Memory of decoders for data that is not in the body.
    var arena: Arena { get }
    var limits: DecodingLimits { get }
    /// Bytes of the rows of all tables.
    var tableBytes: Int { get }

    /// Empties all tables: from now on the batch has no pointers.
    mutating func clear()

    /// Whether every resource and scope is decoded before what it belongs to counts, or equals one that was. Otherwise
    /// they are checked without being decoded.
    static var decodesOwners: Bool { get }

    /// Adds one element of what a scope contains, in protobuf.
    mutating func decodeItem(_ bytes: UnsafeRawBufferPointer, scope: Int32) throws(DecodingFailure)

    /// The JSON keys of resources, their scopes, and what scopes contain.
    static var envelopeKeys: (resources: JSONKey, scopes: JSONKey, items: JSONKey) { get }

    /// Adds one element of what a scope contains, in JSON.
    mutating func decodeItem(_ json: inout JSONScanner, scope: Int32) throws(JSONFault)

    /// The lengths of the tables of what scopes contain.
    associatedtype ItemMarks
    var itemMarks: ItemMarks { get }

    /// Removes what was added after the marks.
    mutating func dropItems(from marks: ItemMarks)
}

/// Rows of a table between two checks of the memory of all of them. 128.
private let checkedRows = 128

extension ExportBatch where Self: ~Copyable {
    /// Decodes an export in place of the previous one; after an error the batch is empty.
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

    /// Checks that `table` may have one more row: all tables together stay within `DecodingLimits.maxDecodingMemory`,
    /// plus or minus `checkedRows` of each. The result does not depend on earlier exports.
    @inline(__always)
    func checkRoom<Row>(in table: [Row]) throws(DecodingFailure) {
        if table.count % checkedRows == 0 { try checkRoom(for: 1, in: table) }
    }

    /// Checks that `table` may take `count` more rows.
    @inline(never)
    func checkRoom<Row>(for count: Int, in table: [Row]) throws(DecodingFailure) {
        guard count <= (limits.maxDecodingMemory - tableBytes) / MemoryLayout<Row>.stride else { throw arena.exhausted }
    }

    /// Bytes of the rows of a table.
    static func bytes<Row>(of table: [Row]) -> Int { table.count * MemoryLayout<Row>.stride }
}
