package import Platform

/// Operations on files and directories, with failures that say what was tried.
package enum FileSystem {
    /// The failure of the system call that just returned.
    package static func failure(_ operation: String, path: String) -> StorageFailure {
        let number = errno
        return StorageFailure(
            code: StorageFailure.Code(systemError: number), operation: operation, path: path,
            reason: strerror(number).map { String(cString: $0) } ?? "system error \(number)")
    }

    /// The directory of a file.
    package static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// Whether there is anything under this name, including a dangling link.
    package static func isThere(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 || errno != ENOENT
    }

    /// The path with all links of its directory resolved, so that a link as its last part can be detected; unchanged if
    /// the directory cannot be found.
    static func resolvingDirectory(of path: String) -> String {
        let directory = directory(of: path)
        guard let resolved = realpath(directory, nil) else { return path }
        defer { free(resolved) }
        let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
        return String(cString: resolved) + "/" + name
    }

    /// The size in bytes, or nil if there is no such file.
    /// - Throws: when the size cannot be read; a file of unknown size must not be treated as missing.
    package static func size(_ path: String) throws(StorageFailure) -> Int? {
        var status = stat()
        guard stat(path, &status) != 0 else { return Int(status.st_size) }
        guard errno == ENOENT else { throw failure("inspect the file", path: path) }
        return nil
    }

    /// When a file was written last, seconds since 1970; nil when there is none.
    package static func modificationTime(_ path: String) -> Int? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return status.modificationTime.tv_sec
    }

    /// Removes a file; a missing one is no failure.
    package static func remove(_ path: String) throws(StorageFailure) {
        if unlink(path) != 0, errno != ENOENT { throw failure("remove the file", path: path) }
    }

    /// Gives a file another name; a missing one is no failure.
    package static func move(_ path: String, to target: String) throws(StorageFailure) {
        if rename(path, target) != 0, errno != ENOENT { throw failure("move the file aside", path: path) }
    }

    /// Makes names in this directory survive a power failure.
    package static func syncDirectory(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// The names in a directory; none where there is no such directory.
    /// - Throws: when it cannot be read.
    package static func names(in path: String) throws(StorageFailure) -> [String] {
        guard let directory = opendir(path) else {
            guard errno == ENOENT else { throw failure("read the directory", path: path) }
            return []
        }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            // Only this distinguishes the end from a failure.
            errno = 0
            guard let entry = readdir(directory) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) {
                    String(cString: $0)
                }
            }
            names.append(name)
        }
        guard errno == 0 else { throw failure("read the directory", path: path) }
        return names
    }

    /// The time as `20260131T235959Z`, for the names of damaged files.
    package static func compactTime(_ time: UnixNanoseconds) -> String {
        let utc = UTCTime(unixSeconds: Int64(clamping: time / 1_000_000_000))
        func digits(_ number: Int) -> String { UTCTime.digits(number, 2) }
        return UTCTime.digits(utc.year, 4) + digits(utc.month) + digits(utc.day) + "T"
            + digits(utc.hour) + digits(utc.minute) + digits(utc.second) + "Z"
    }
}

extension StorageFailure.Code {
    /// The class of an `errno`.
    init(systemError: Int32) {
        switch systemError {
        case ENOSPC, EDQUOT, EFBIG: self = .full
        case EROFS, EACCES, EPERM: self = .readOnly
        case EIO: self = .io
        default: self = .other
        }
    }
}
