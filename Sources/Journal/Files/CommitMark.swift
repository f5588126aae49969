private import Platform
internal import Storage

/// The number of the last committed entry, in a separate file: it reveals a truncated journal.
///
/// `journal.mark` has 24 bytes: the letters `odomark1`, the number and a checksum, little-endian. It is overwritten in
/// place after every commit; if a process ends in between, the number of an earlier commit stays, which is harmless.
final class CommitMark {
    /// The content at a start.
    enum Content: Equatable {
        case missing
        case damaged
        case number(UInt64)
    }

    private static let letters: UInt64 = 0x316B_7261_6D6F_646F
    private static let byteCount = 24

    let path: String
    private var descriptor: Int32 = -1

    init(directory: String) {
        path = directory + "/journal.mark"
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Reads the number.
    /// - Throws: when the file exists and cannot be used; its content is unknown then.
    func read() throws(StorageFailure) -> Content {
        guard FileSystem.isThere(path) else { return .missing }
        // Opened for writing, too: a file that the next commit could not write is reported before that commit.
        let file = try RegularFile.open(path, O_RDWR, operation: "open the commit mark")
        defer { close(file) }
        var words: [UInt64] = [0, 0, 0, 0]
        let count = words.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw FileSystem.failure("read the commit mark", path: path) }
        guard count == CommitMark.byteCount, UInt64(littleEndian: words[0]) == CommitMark.letters else {
            return .damaged
        }
        let number = UInt64(littleEndian: words[1])
        return UInt64(littleEndian: words[2]) == CommitMark.checksum(number) ? .number(number) : .damaged
    }

    /// Overwrites the number.
    func write(_ number: UInt64) throws(StorageFailure) {
        if descriptor < 0 {
            descriptor = try RegularFile.open(path, O_RDWR | O_CREAT, operation: "open the commit mark")
        }
        let words = (CommitMark.letters.littleEndian, number.littleEndian, CommitMark.checksum(number).littleEndian)
        let written = withUnsafeBytes(of: words) { pwrite(descriptor, $0.baseAddress, CommitMark.byteCount, 0) }
        guard written == CommitMark.byteCount else { throw FileSystem.failure("write the commit mark", path: path) }
    }

    private static func checksum(_ number: UInt64) -> UInt64 {
        var checksum = Checksum()
        checksum.add(number)
        return checksum.value
    }
}
