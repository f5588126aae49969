private import Platform
internal import Settings
internal import Storage

/// A system call on a file that failed.
struct FileFault: Error, CustomStringConvertible {
    let description: String

    /// Takes the reason from the system call that just returned.
    init(_ operation: String, path: String) {
        let number = errno
        let reason = strerror(number).map { String(cString: $0) } ?? "system error \(number)"
        description = "cannot \(operation) \(path): \(reason)"
    }

    init(_ failure: StorageFailure) { description = failure.description }
}

/// A file that is appended to; closed when the value is released.
final class OutputFile: Sendable {
    private let descriptor: Int32
    private let path: String

    /// Creates the file if missing, readable by its owner only: it holds personal data.
    init(path: String, appends: Bool) throws(FileFault) {
        self.path = path
        do throws(StorageFailure) {
            descriptor = try RegularFile.open(path, O_WRONLY | O_CREAT | O_APPEND, operation: "open the file")
        } catch {
            throw FileFault(error)
        }
        // Only once `open` has checked that it is a regular file and not a link.
        if !appends, ftruncate(descriptor, 0) != 0 { throw FileFault("empty", path: path) }
    }

    deinit { close(descriptor) }

    /// Its size in bytes.
    var size: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Writes all bytes; after a failure none of them is in the file.
    func write(_ bytes: UnsafeRawBufferPointer) throws(FileFault) {
        let before = size
        var rest = bytes
        while !rest.isEmpty {
            let count = SystemCall.write(descriptor, rest)
            guard count > 0 else {
                let fault = FileFault("write", path: path)
                // An incomplete line would corrupt the next one.
                _ = ftruncate(descriptor, off_t(before))
                throw fault
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

}

/// The old files of a file that rotates, named after the time in UTC at which they were full:
/// `out-2026-01-31T23-59-59.000.json`.
struct OldFiles {
    private let path: String
    private let directory: String
    private let stem: String
    private let suffix: String

    init(of path: String) {
        self.path = path
        let slash = path.lastIndex(of: "/")
        directory = slash.map { String(path[..<$0]) } ?? "."
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        let dot = name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : $0 } ?? name.endIndex
        stem = String(name[..<dot]) + "-"
        suffix = String(name[dot...])
    }

    /// Renames the full file to an old one, and removes old files that are too many or too old.
    func rotate(_ rotation: FileRotationSettings) throws(FileFault) {
        let now = wallTime()
        let target = "\(directory)/\(stem)\(Self.text(of: now))\(suffix)"
        guard rename(path, target) == 0 else { throw FileFault("rename", path: path) }
        var names = self.names()
        if rotation.maxBackups > 0, names.count > rotation.maxBackups {
            for name in names.prefix(names.count - rotation.maxBackups) { unlink("\(directory)/\(name)") }
            names.removeFirst(names.count - rotation.maxBackups)
        }
        guard rotation.maxDays > 0 else { return }
        for name in names {
            var status = stat()
            let file = "\(directory)/\(name)"
            guard stat(file, &status) == 0 else { continue }
            let oldest = Int(clamping: now / 1_000_000_000) - rotation.maxDays * 86_400
            if status.modificationTime.tv_sec < oldest { unlink(file) }
        }
    }

    /// Sorted, the oldest first.
    private func names() -> [String] {
        let names = (try? FileSystem.names(in: directory)) ?? []
        return names.filter { name in
            let time = name.dropFirst(stem.count).dropLast(suffix.count)
            return name.hasPrefix(stem) && name.hasSuffix(suffix) && time.count == 23 && time.first?.isNumber == true
        }.sorted()
    }

    private static func text(of time: UnixNanoseconds) -> String {
        let utc = UTCTime(unixSeconds: Int64(clamping: time / 1_000_000_000))
        func digits(_ number: Int, _ count: Int = 2) -> String { UTCTime.digits(number, count) }
        return "\(digits(utc.year, 4))-\(digits(utc.month))-\(digits(utc.day))"
            + "T\(digits(utc.hour))-\(digits(utc.minute))-\(digits(utc.second))"
            + ".\(digits(Int(time % 1_000_000_000 / 1_000_000), 3))"
    }
}
