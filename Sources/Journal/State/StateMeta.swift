internal import Storage

/// Metadata of the state file. It is kept in two tables, so that one damaged page does not lose it.
struct StateMeta: Equatable {
    /// The layout of the tables.
    static let currentSchema: Int64 = 1

    /// Schema changes, by the version they start from; each runs in the transaction that writes the new version. Every
    /// version below the current one has a step.
    static let migrations: [Int64: @Sendable (Connection) throws(StorageFailure) -> Void] = [:]

    var schema: Int64 = StateMeta.currentSchema
    /// The number of the last entry that the records include.
    var covered: UInt64 = 0
    /// How many records there are.
    var count: UInt64 = 0
    /// The sum of all rows' checksums: it reveals a page that is older or newer than the rest.
    var digest: UInt64 = 0

    private static let tables = ["meta", "meta_copy"]

    /// Makes the tables.
    static func createTables(_ connection: Connection) throws(StorageFailure) {
        for table in tables {
            try connection.execute(
                """
                CREATE TABLE \(table)(
                    name TEXT PRIMARY KEY, value INTEGER NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID
                """, operation: "create the state tables")
        }
    }

    /// Writes both copies; inside a transaction.
    func write(_ connection: Connection) throws(StorageFailure) {
        for table in StateMeta.tables {
            let statement = try Statement(
                connection, "INSERT OR REPLACE INTO \(table)(name, value, checksum) VALUES(?, ?, ?)",
                operation: "write a checkpoint")
            for (name, value) in values {
                statement.bind(name, at: 1)
                statement.bind(value, at: 2)
                statement.bind(StateMeta.checksum(name, value), at: 3)
                try statement.run()
            }
        }
    }

    /// Reads the valid metadata.
    ///
    /// - Returns: nil if neither copy is valid; `isWhole` is false if a copy is damaged or they differ. Then the higher
    ///   covered number is used: losing an entry is better than counting it twice.
    /// - Throws: when they cannot be read now; whether they are damaged is unknown then.
    static func read(_ connection: Connection) throws(StorageFailure) -> (meta: StateMeta?, isWhole: Bool) {
        var copies: [StateMeta?] = []
        for table in tables { copies.append(try readCopy(connection, table: table)) }
        let found = copies.compactMap { $0 }
        guard let best = found.max(by: { $0.covered < $1.covered }) else { return (nil, false) }
        return (best, found.count == copies.count && found.allSatisfy { $0 == best })
    }

    private var values: [(name: String, value: UInt64)] {
        [("schema", UInt64(bitPattern: schema)), ("covered", covered), ("count", count), ("digest", digest)]
    }

    private static func readCopy(_ connection: Connection, table: String) throws(StorageFailure) -> StateMeta? {
        var found: [String: UInt64] = [:]
        do throws(StorageFailure) {
            let statement = try Statement(
                connection, "SELECT name, value, checksum FROM \(table)", operation: "read the state")
            while try statement.step() {
                let name = statement.text(0)
                let value = statement.unsigned(1)
                if statement.unsigned(2) == checksum(name, value) { found[name] = value }
            }
        } catch {
            guard error.isDamage else { throw error }
            return nil
        }
        guard let schema = found["schema"], let covered = found["covered"], let count = found["count"],
            let digest = found["digest"]
        else { return nil }
        return StateMeta(schema: Int64(bitPattern: schema), covered: covered, count: count, digest: digest)
    }

    private static func checksum(_ name: String, _ value: UInt64) -> UInt64 {
        var checksum = Checksum()
        var name = name
        name.withUTF8 { checksum.add(UnsafeRawBufferPointer($0)) }
        checksum.add(value)
        return checksum.value
    }
}
