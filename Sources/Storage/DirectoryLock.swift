package import Platform

/// The lock on a state directory, held as long as this value exists.
///
/// The file `odometer.lock` is locked, not merely present, so a crash leaves no stale lock. Its content names the
/// holder: process id and start time.
package final class DirectoryLock {
    private let descriptor: Int32

    /// Creates the directory if missing and takes the lock.
    /// - Throws: `held` when another process has it.
    package init(directory: String, now: UnixNanoseconds) throws(LockFailure) {
        if mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw .unusable(FileSystem.failure("create the state directory", path: directory))
        }
        guard access(directory, R_OK | W_OK | X_OK) == 0 else {
            throw .unusable(RegularFile.failure("use the state directory", directory))
        }
        let path = directory + "/odometer.lock"
        let file: Int32
        do throws(StorageFailure) {
            file = try RegularFile.open(path, O_RDWR | O_CREAT, operation: "open the lock")
        } catch {
            throw .unusable(error)
        }
        var attempts = 1
        while flock(file, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK, attempts < DirectoryLock.attempts {
            // A process that only checks the lock (`isHeld`) releases it in a moment.
            attempts += 1
            usleep(10_000)
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let failure = FileSystem.failure("acquire the lock", path: path)
            let isHeld = errno == EWOULDBLOCK
            let holder = DirectoryLock.holder(file)
            close(file)
            if isHeld { throw .held(path: directory, byProcess: holder) }
            throw .unusable(failure)
        }
        descriptor = file
        // The holder's name is only for operators: a full disk does not matter here.
        ftruncate(file, 0)
        let text = Array("\(getpid()) \(FileSystem.compactTime(now))\n".utf8)
        _ = text.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
    }

    deinit {
        close(descriptor)
    }

    /// How often a held lock is tried, every 10 ms.
    private static let attempts = 10

    /// Whether a process holds the lock on this directory now.
    package static func isHeld(directory: String) -> Bool {
        guard let file = try? RegularFile.open(directory + "/odometer.lock", O_RDONLY, operation: "inspect the lock")
        else { return false }
        defer { close(file) }
        return flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    private static func holder(_ file: Int32) -> Int32? {
        var buffer = [UInt8](repeating: 0, count: 32)
        let count = buffer.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
        let digits = buffer.prefix(max(0, count)).prefix { $0 >= 0x30 && $0 <= 0x39 }
        return Int32(String(decoding: digits, as: UTF8.self))
    }
}

/// Why the lock on a state directory cannot be taken.
package enum LockFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another process has it.
    case held(path: String, byProcess: Int32?)
    /// The directory or the file of the lock cannot be created, opened or written.
    case unusable(StorageFailure)

    /// One sentence for the user.
    package var description: String {
        switch self {
        case .held(let path, let process?):
            "the state directory \(path) is in use by process \(process): stop it or choose another directory"
        case .held(let path, nil):
            "the state directory \(path) is in use by another process: stop it or choose another directory"
        case .unusable(let failure): failure.description
        }
    }
}
