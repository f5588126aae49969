private import CSQLite

/// One prepared statement. Values of its columns are valid until the next step or reset.
package final class Statement {
    private let connection: Connection
    private let handle: OpaquePointer
    private let operation: String

    /// `operation` names what the statement does, for failures.
    package init(_ connection: Connection, _ sql: String, operation: String) throws(StorageFailure) {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(
            connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw connection.failure(code, operation: operation) }
        self.connection = connection
        self.operation = operation
        handle = prepared
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// Binds a number; parameters count from 1.
    package func bind(_ value: Int64, at index: Int32) {
        sqlite3_bind_int64(handle, index, value)
    }

    /// Binds the bit pattern of an unsigned number.
    package func bind(_ value: UInt64, at index: Int32) {
        sqlite3_bind_int64(handle, index, Int64(bitPattern: value))
    }

    /// Binds a text.
    package func bind(_ value: String, at index: Int32) {
        // SQLite copies the text before the call returns.
        let copy = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        sqlite3_bind_text(handle, index, value, -1, copy)
    }

    /// Binds bytes without a copy: they have to stay until the statement is reset.
    package func bind(_ bytes: UnsafeRawBufferPointer, at index: Int32) {
        if let start = bytes.baseAddress, !bytes.isEmpty {
            sqlite3_bind_blob64(handle, index, start, UInt64(bytes.count), nil)
        } else {
            sqlite3_bind_zeroblob(handle, index, 0)
        }
    }

    /// Runs to the next row; false at the end.
    package func step() throws(StorageFailure) -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE { return false }
        throw connection.failure(code, operation: operation)
    }

    /// Runs a statement without rows and resets it for the next use.
    package func run() throws(StorageFailure) {
        defer { reset() }
        _ = try step()
    }

    /// Resets the statement for the next use; bound bytes are released.
    package func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    /// A column as a number; columns count from 0.
    package func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(handle, column)
    }

    /// A column as the unsigned number whose bit pattern was bound.
    package func unsigned(_ column: Int32) -> UInt64 {
        UInt64(bitPattern: sqlite3_column_int64(handle, column))
    }

    /// A column as text.
    package func text(_ column: Int32) -> String {
        sqlite3_column_text(handle, column).map { String(cString: $0) } ?? ""
    }

    /// A column's bytes.
    package func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(handle, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }
}
