internal import Bytes
internal import ConfigFile
internal import Logging
internal import Pipeline
private import Platform
internal import Settings
internal import Storage

/// The key of hashed labels if the configuration has no salt (docs/labels.md): a file of the state directory that only
/// its owner can read, created when it is first needed and never changed.
///
/// It is not a record of the database: setting a damaged database aside must not change the labels of all series.
enum LabelSecret {
    private static let fileName = "labels.key"
    /// Bytes of a key; the file has two digits for each, and a newline.
    private static let length = 32
    private static let fileLength = 2 * length + 1

    /// The configuration with the key as its salt, if one is needed.
    /// - Throws: when a configured state directory cannot store a key.
    static func completed(_ config: AppConfig, log: Logger) throws(StateFailure) -> AppConfig {
        var labels = config.labels
        guard labels.hashes, labels.salt == nil else { return config }
        let directory = config.state.path
        do throws(StateFailure) {
            if directory.isEmpty {
                labels.salt = fresh()
                log.warning(
                    "hashed labels change at every start, as the state is in memory; set odometer.labels.salt")
            } else {
                labels.salt = try kept(in: directory, log: log)
            }
        } catch {
            // Without the directory there is no state either: totals begin at zero, with new hashes.
            guard !config.state.isPathGiven else { throw error }
            labels.salt = fresh()
            log.warning("hashed labels change at every start: \(error); set odometer.labels.salt")
        }
        var completed = config
        completed.setLabels(labels)
        return completed
    }

    /// The key for the identities of events whose records processors change (`EventSettings.identityCode`); nil if
    /// there are none.
    /// - Parameter config: the result of `completed`.
    /// - Throws: when a configured state directory cannot store a key.
    static func identityKey(_ config: AppConfig, log: Logger) throws(StateFailure) -> [UInt8]? {
        guard config.events.isEnabled, !config.logProcessors.isEmpty else { return nil }
        if let salt = config.labels.salt { return Array(salt.utf8) }
        // The memory of events lasts as long as the state.
        guard !config.state.path.isEmpty else { return Array(fresh().utf8) }
        do throws(StateFailure) {
            return Array(try kept(in: config.state.path, log: log).utf8)
        } catch {
            guard !config.state.isPathGiven else { throw error }
            return Array(fresh().utf8)
        }
    }

    private static func fresh() -> String {
        var generator = SystemRandomNumberGenerator()
        let secret = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return String(decoding: Hexadecimal.digits(of: secret), as: UTF8.self)
    }

    private static func kept(in directory: String, log: Logger) throws(StateFailure) -> String {
        let path = directory + "/" + fileName
        if let secret = try read(path) { return secret }
        if FileSystem.isThere(path) {
            log.error(
                "the secret of hashed labels is damaged: the labels get new values",
                metadata: ["set_aside": "\(path).damaged"])
            guard rename(path, path + ".damaged") == 0 else { throw failure("set aside", path) }
        }
        if mkdir(directory, 0o700) != 0, errno != EEXIST { throw failure("create the directory of", path) }
        try write(fresh(), to: path, in: directory)
        // Another process may have been faster.
        guard let secret = try read(path) else { throw .labelSecret("\(path) does not contain what was written to it") }
        return secret
    }

    /// Nil if there is no such file, or no key in it.
    private static func read(_ path: String) throws(StateFailure) -> String? {
        guard FileSystem.isThere(path) else { return nil }
        let file: Int32
        do throws(StorageFailure) {
            file = try RegularFile.open(path, O_RDONLY, operation: "read the secret of hashed labels")
        } catch {
            throw .labelSecret("\(error)")
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: fileLength + 1)
        let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw failure("read", path) }
        let digits = bytes.prefix(2 * length)
        let isHexadecimal = digits.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        guard count == fileLength, isHexadecimal else { return nil }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Writes a file atomically, unless it exists.
    private static func write(_ secret: String, to path: String, in directory: String) throws(StateFailure) {
        let part = path + ".part"
        unlink(part)
        let file = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("write", path) }
        let bytes = Array((secret + "\n").utf8)
        let count = bytes.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
        let isWhole = count == bytes.count && fsync(file) == 0
        let cause = errno
        close(file)
        defer { unlink(part) }
        errno = cause
        guard isWhole else { throw failure("write", path) }
        if link(part, path) != 0, errno != EEXIST { throw failure("write", path) }
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    private static func failure(_ verb: String, _ path: String) -> StateFailure {
        .labelSecret("cannot \(verb) the secret of hashed labels, \(path): \(String(cString: strerror(errno)))")
    }
}
