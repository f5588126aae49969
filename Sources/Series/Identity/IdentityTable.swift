/// The records of one level of identity (resources, scopes or metrics), found by raw bytes or by canonical bytes.
///
/// A record lives as long as something of the next level refers to it; `retain` and `giveBack` count that.
struct IdentityTable<Content: IdentityContent>: Sendable {
    /// The number of a record.
    typealias ID = RowID<Content>

    private struct Record {
        var content: Content
        var canonical: [UInt8]
        var canonicalHash: UInt64
        var parent: UInt32
        /// Oldest first.
        var aliases: [UInt32] = []
        var references = 0

        /// Its memory: the canonical form, the decoded content, and as much again for a first raw form.
        var weight: Int { StateWeight.identity + canonical.count + 2 * content.weight }
    }

    private var records: [Record?] = []
    private var free: [RowID<Record?>] = []
    private var aliases = AliasTable()
    private var index = IndexTable()
    private var hash: SeededHash
    private let aliasLimit: Int
    /// Memory of all records, bytes.
    private(set) var weight = 0
    /// Bytes of the canonical forms of all records.
    private(set) var canonicalBytes = 0
    /// Bytes of raw forms that are not part of the weight of records: long ones, and all beyond the first of a record.
    private static var furtherAliasesLimit: Int { 8 << 20 }
    /// Records added, removed or changed since the last checkpoint; nil without a state directory.
    private var changes: ChangeList?

    /// - Parameter aliasLimit: raw forms remembered of one record; beyond it the oldest is forgotten.
    init(hash: SeededHash, aliasLimit: Int) {
        self.hash = hash
        self.aliasLimit = aliasLimit
    }

    /// The record that `raw` is an alias of.
    func find(_ raw: UnsafeRawBufferPointer, parent: UInt32) -> ID? {
        aliases.find(raw, parent: parent, hash: hash(raw, parent: UInt64(parent))).map { ID($0) }
    }

    /// The record with this canonical form, created from `content` if there is none. `raw` becomes its alias.
    /// A new record has no references.
    /// - Parameters:
    ///   - parent: the parent of the raw bytes in lookups.
    ///   - canonicalParent: the record of the level above.
    ///   - parentHash: that record's `contentHash`; 0 on the first level.
    mutating func insert(
        _ raw: UnsafeRawBufferPointer, parent: UInt32, canonicalParent: UInt32, parentHash: UInt64, canonical: [UInt8],
        content: @autoclosure () -> Content
    ) -> ID {
        let canonicalHash = canonical.withUnsafeBytes { hash($0, parent: parentHash) }
        let known = index.find(canonicalHash) {
            records[Int($0)]?.canonical == canonical && records[Int($0)]?.parent == canonicalParent
        }
        let number =
            known.map { ID($0) }
            ?? add(
                Record(
                    content: content(), canonical: canonical, canonicalHash: canonicalHash, parent: canonicalParent))
        addAlias(raw, parent: parent, of: number)
        return number
    }

    private mutating func add(_ record: Record) -> ID {
        let number = ID(records.insert(record, reusing: &free).number)
        index.insert(record.canonicalHash, number.number)
        account(for: record, 1)
        changes?.mark(number.number)
        return number
    }

    private mutating func account(for record: Record, _ sign: Int) {
        weight += sign * record.weight
        canonicalBytes += sign * record.canonical.count
    }

    /// Remembers a raw form if there is room. Without it, each export with that form is decoded.
    private mutating func addAlias(_ raw: UnsafeRawBufferPointer, parent: UInt32, of number: ID) {
        guard let record = records[number.row] else { return }
        let isFirst = record.aliases.isEmpty && raw.count <= StateWeight.identity / 2 + record.content.weight
        if record.aliases.count >= aliasLimit {
            aliases.remove(record.aliases[0], hash: hash)
            records[number.row]?.aliases.removeFirst()
        }
        guard isFirst || aliases.furtherBytes + raw.count <= Self.furtherAliasesLimit else { return }
        let alias = aliases.insert(
            raw, parent: parent, hash: hash(raw, parent: UInt64(parent)), target: number.number, isFurther: !isFirst)
        records[number.row]?.aliases.append(alias)
    }

    /// The content of a live record.
    subscript(_ number: ID) -> Content {
        guard let record = records[number.row] else { preconditionFailure("a record that is referred to is live") }
        return record.content
    }

    /// Changes the part of a live record that is not its identity.
    mutating func update(_ number: ID, _ change: (inout Content) -> Void) {
        guard var record = records[number.row] else { return }
        records[number.row] = nil
        change(&record.content)
        records[number.row] = record
        changes?.mark(number.number)
    }

    /// The canonical form of a record; nil if no record has this number.
    func canonical(of number: ID) -> [UInt8]? {
        number.row < records.count ? records[number.row]?.canonical : nil
    }

    /// Replaces the hash function of an empty table.
    mutating func restart(with hash: SeededHash) { self.hash = hash }

    /// Restores a record at its former number. Call `finishRestoring` before the table is used.
    /// - Throws: `outOfRange` when the number is taken or beyond `IdentityNumbers.limit`.
    mutating func restore(
        _ number: ID, canonicalParent: UInt32, parentHash: UInt64, canonical: [UInt8], content: Content
    ) throws(StateFault) {
        guard number.number < IdentityNumbers.limit else { throw .outOfRange }
        while records.count <= number.row { records.append(nil) }
        guard records[number.row] == nil else { throw .outOfRange }
        let canonicalHash = canonical.withUnsafeBytes { hash($0, parent: parentHash) }
        let record = Record(
            content: content, canonical: canonical, canonicalHash: canonicalHash, parent: canonicalParent)
        records[number.row] = record
        index.insert(canonicalHash, number.number)
        account(for: record, 1)
    }

    /// Collects the free rows after the last record is restored.
    mutating func finishRestoring() {
        free = records.indices.reversed().filter { records[$0] == nil }.map { RowID(row: $0) }
    }

    /// Every live record, by number.
    func forEach(_ body: (ID, Content) -> Void) {
        for (number, record) in records.enumerated() {
            if let record { body(ID(row: number), record.content) }
        }
    }

    /// The hash of the record's content and of all levels above it: the same whenever the record is created again.
    func contentHash(of number: ID) -> UInt64 { records[number.row]?.canonicalHash ?? 0 }

    mutating func retain(_ number: ID) { records[number.row]?.references += 1 }

    /// Removes one reference; `dropIfUnreferenced` removes the record.
    mutating func giveBack(_ number: ID) { records[number.row]?.references -= 1 }

    /// Removes a record if it has no references.
    /// - Returns: its content if it was removed.
    mutating func dropIfUnreferenced(_ number: ID) -> Content? {
        guard let record = records[number.row], record.references <= 0 else { return nil }
        for alias in record.aliases { aliases.remove(alias, hash: hash) }
        index.remove(record.canonicalHash, number.number)
        account(for: record, -1)
        records[number.row] = nil
        free.append(RowID(number.number))
        changes?.mark(number.number)
        return record.content
    }

    var count: Int { index.count }
}

// MARK: - Changes

extension IdentityTable {
    /// Tracks changes from now on, for checkpoints.
    mutating func trackChanges() { changes = ChangeList() }

    /// Makes the next checkpoint write a record again, or its removal.
    mutating func markChanged(_ number: ID) { changes?.mark(number.number) }

    /// The records that changed since the last call, ascending.
    mutating func takeChanged() -> [ID] { (changes?.takeAll() ?? []).map { ID($0) } }

    /// Passes each record that changed since the last call. Canonical forms are not copied for it.
    /// - Parameter first: the bytes before the canonical form.
    mutating func takeChanges(
        of kind: StateKind, into sink: inout some StateSink, _ first: (ID, Content) -> UInt64
    ) {
        for number in takeChanged() {
            guard let record = number.row < records.count ? records[number.row] : nil else {
                sink.delete(kind, number.number)
                continue
            }
            var writer = StateWriter()
            writer.number(first(number, record.content))
            writer.number(record.canonical.count)
            sink.put(kind, number.number, writer.bytes, tail: record.canonical[...])
        }
    }
}

/// The decoded content of a record.
protocol IdentityContent: Sendable {
    /// Memory of its identity, bytes; the same whenever the record is created again.
    var weight: Int { get }
}

/// The range of record numbers.
enum IdentityNumbers {
    /// Numbers are reused, so they stay far below this. The limit protects against a record on disk with a huge number,
    /// for which the table would grow.
    static let limit: UInt32 = 1 << 24
}

// MARK: - Invariants

extension IdentityTable {
    /// - Parameters:
    ///   - name: of the kind of record, for messages.
    ///   - references: number of references to each record.
    ///   - isTracked: whether there is a state directory.
    func check(_ name: String, references: [ID: Int], isTracked: Bool, _ report: inout InvariantReport) {
        var live: [ID] = []
        var owners: [(alias: UInt32, record: UInt32)] = []
        var (heldWeight, heldBytes) = (0, 0)
        for (row, record) in records.enumerated() {
            guard let record else { continue }
            let number = ID(row: row)
            live.append(number)
            heldWeight += record.weight
            heldBytes += record.canonical.count
            for alias in record.aliases { owners.append((alias, number.number)) }
            report.compare(
                "references to \(name) \(number)", kept: record.references, held: references[number] ?? 0)
            report.require(record.references > 0, "\(name) \(number): nothing refers to it")
            report.require(record.aliases.count <= max(aliasLimit, 1), "\(name) \(number): too many aliases")
            report.require(index.holds(record.canonicalHash, number.number), "\(name) \(number): not in the index")
        }
        for number in references.keys where canonical(of: number) == nil {
            report.require(false, "\(name) \(number): referred to, but gone")
        }
        report.checkRows(name, count: records.count, used: live.map { RowID($0.number) }, free: free)
        report.compare("weight of \(name)s", kept: weight, held: heldWeight)
        report.compare("canonical bytes of \(name)s", kept: canonicalBytes, held: heldBytes)
        index.check("\(name)s", entries: live.count, &report)
        aliases.check(name, owners: owners, hash: hash, &report)
        report.checkChanges(changes, "\(name)s", isTracked: isTracked)
    }

    static var keptCounts: [KeptCount<Self>] {
        let aliases: WritableKeyPath<Self, AliasTable> = \.aliases
        let own: [KeptCount<Self>] = [
            KeptCount("weight", \.weight), KeptCount("canonical bytes", \.canonicalBytes),
            KeptCount("references", \.references),
        ]
        return own + AliasTable.keptCounts.map { KeptCount($0.name, aliases.appending(path: $0.path)) }
    }

    /// References to the first record.
    private var references: Int {
        get { records.lazy.compactMap { $0?.references }.first ?? 0 }
        set {
            guard let row = records.firstIndex(where: { $0 != nil }) else { return }
            records[row]?.references = newValue
        }
    }
}
