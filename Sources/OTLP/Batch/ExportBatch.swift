internal import Settings

/// The common parts of the batches of all signals: resources, their scopes, and tables of what scopes contain.
protocol ExportBatch: RowTables, ~Copyable {
    var encoding: WireEncoding { get set }
    var resources: [RawResource] { get set }
    var scopes: [RawScope] { get set }
    /// The parts that were lost when the export was decoded.
    var losses: DecodingLosses { get set }
    /// The beginning of the body; nil while the batch is empty.
    var bodyStart: UnsafeRawPointer? { get set }
    var limits: DecodingLimits { get }

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

    var tableLimit: Int { limits.maxDecodingMemory }

    /// Reads what was left raw.
    func reader(limits: DecodingLimits) -> AttributeReader {
        AttributeReader(encoding: encoding, limits: limits, origin: bodyStart)
    }
}
