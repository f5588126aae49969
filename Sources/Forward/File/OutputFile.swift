internal import Journal
internal import Settings

#if canImport(Glibc)
private import Glibc
#elseif canImport(Musl)
private import Musl
#else
private import Darwin
#endif

/// A system call on a file that failed.
struct FileFault: Error, CustomStringConvertible {
    let description: String

    /// Takes the reason from the system call that just returned.
    init(_ operation: String, path: String) {
        let number = errno
        let reason = strerror(number).map { String(cString: $0) } ?? "system error \(number)"
        description = "cannot \(operation) \(path): \(reason)"
    }

    init(_ failure: JournalFailure) { description = failure.description }
}

/// A file that is appended to; closed when the value is released.
final class OutputFile: Sendable {
    private let descriptor: Int32
    private let path: String

    /// Creates the file if missing, readable by its owner only: it holds personal data.
    init(path: String, appends: Bool) throws(FileFault) {
        self.path = path
        do throws(JournalFailure) {
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
            let count = writeOnce(rest)
            guard count > 0 else {
                let fault = FileFault("write", path: path)
                // An incomplete line would corrupt the next one.
                _ = ftruncate(descriptor, off_t(before))
                throw fault
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    private func writeOnce(_ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
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
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
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
            #if canImport(Darwin)
            let written = status.st_mtimespec.tv_sec
            #else
            let written = status.st_mtim.tv_sec
            #endif
            if written < now.tv_sec - rotation.maxDays * 86_400 { unlink(file) }
        }
    }

    /// Sorted, the oldest first.
    private func names() -> [String] {
        guard let open = opendir(directory) else { return [] }
        defer { closedir(open) }
        var names: [String] = []
        while let entry = readdir(open) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) {
                    String(cString: $0)
                }
            }
            let time = name.dropFirst(stem.count).dropLast(suffix.count)
            if name.hasPrefix(stem), name.hasSuffix(suffix), time.count == 23, time.first?.isNumber == true {
                names.append(name)
            }
        }
        return names.sorted()
    }

    private static func text(of time: timespec) -> String {
        var seconds = time.tv_sec
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let day =
            "\(digits(Int(parts.tm_year) + 1900, 4))-\(digits(Int(parts.tm_mon) + 1, 2))-\(digits(Int(parts.tm_mday), 2))"
        let hour = "\(digits(Int(parts.tm_hour), 2))-\(digits(Int(parts.tm_min), 2))-\(digits(Int(parts.tm_sec), 2))"
        return "\(day)T\(hour).\(digits(time.tv_nsec / 1_000_000, 3))"
    }
}
