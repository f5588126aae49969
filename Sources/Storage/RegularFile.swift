private import Platform

/// Files that this program writes must be regular ones with one name: a link in their place could redirect writes to
/// another file, and a pipe or a device could block.
package enum RegularFile {
    /// Opens a file, and creates it if `flags` say so; never follows a link and never blocks.
    /// - Parameters:
    ///   - flags: of open(2), without `O_TRUNC`.
    ///   - mode: of a created file.
    ///   - operation: names the operation for the failure.
    /// - Returns: a descriptor, which the caller has to close.
    package static func open(
        _ path: String, _ flags: Int32, mode: UInt32 = 0o600, operation: String
    ) throws(StorageFailure) -> Int32 {
        var status = stat()
        if lstat(path, &status) == 0 { try check(status, flags, path, operation) }
        // Some devices act when they are opened, so the type is checked before; it may change between the two calls.
        let descriptor = SystemCall.open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure(operation, path) }
        guard fstat(descriptor, &status) == 0 else {
            let failure = failure(operation, path)
            close(descriptor)
            throw failure
        }
        do throws(StorageFailure) {
            try check(status, flags, path, operation)
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Opens and closes a file that other code is about to open by its name; a missing one is no failure.
    package static func check(_ path: String, operation: String) throws(StorageFailure) {
        var status = stat()
        guard lstat(path, &status) == 0 || errno != ENOENT else { return }
        close(try open(path, O_RDWR, operation: operation))
    }

    private static func check(
        _ status: stat, _ flags: Int32, _ path: String, _ operation: String
    ) throws(StorageFailure) {
        func refuse(_ reason: String) -> StorageFailure {
            StorageFailure(code: .other, operation: operation, path: path, reason: reason)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFLNK: throw refuse("it is a symbolic link; links are not followed")
        case S_IFDIR: throw refuse("Is a directory")
        default: throw refuse("it is a pipe, a socket or a device, not a file")
        }
        if flags & O_ACCMODE != O_RDONLY, status.st_nlink > 1 {
            throw refuse("it has \(status.st_nlink) hard links; replace it by a copy")
        }
    }

    /// The failure of the system call that just returned, with the owner of the file if that matters.
    package static func failure(_ operation: String, _ path: String) -> StorageFailure {
        let failure = FileSystem.failure(operation, path: path)
        guard failure.code == .readOnly, let owner = owner(path) else { return failure }
        return StorageFailure(
            code: failure.code, operation: operation, path: path, reason: "\(failure.reason) (\(owner))")
    }

    /// The owner of a file, or of its directory if there is no such file.
    private static func owner(_ path: String) -> String? {
        var status = stat()
        let directory = FileSystem.directory(of: path)
        let isThere = lstat(path, &status) == 0
        guard isThere || stat(directory, &status) == 0 else { return nil }
        let mode = String(status.st_mode & 0o7777, radix: 8)
        let digits = String(repeating: "0", count: max(0, 4 - mode.count)) + mode
        let subject = isThere ? "it" : "its directory"
        return "\(subject) has mode \(digits) and belongs to user \(status.st_uid); this is user \(geteuid())"
    }
}
