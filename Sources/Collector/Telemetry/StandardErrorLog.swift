internal import ConfigFile
internal import Logging

#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// A log of lines on standard error, one system call each.
struct StandardErrorLog: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let encoding: LogEncoding
    private let descriptor: Int32
    private let now: @Sendable () -> LogTime

    /// The descriptor stays open and the caller's.
    init(
        level: Logger.Level, encoding: LogEncoding, descriptor: Int32 = STDERR_FILENO,
        now: @escaping @Sendable () -> LogTime = LogTime.now
    ) {
        logLevel = level
        self.encoding = encoding
        self.descriptor = descriptor
        self.now = now
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        fields.merge(metadataProvider?.get() ?? [:]) { $1 }
        fields.merge(event.metadata ?? [:]) { $1 }
        if let error = event.error {
            fields["error"] = "\(error)"
        }
        let line = LogLine(time: now(), level: event.level, message: event.message.description, metadata: fields)
        StandardError.write(line.bytes(as: encoding), to: descriptor)
    }
}

extension Logger {
    /// The program's log, as `service.telemetry.logs` wants it. Made directly, without swift-log's process-wide
    /// factory: it is passed to whatever logs.
    init(_ telemetry: TelemetryConfig) {
        self.init(label: "odometer") { _ in
            StandardErrorLog(level: Logger.Level(telemetry.logLevel), encoding: telemetry.logEncoding)
        }
    }
}

extension Logger.Level {
    init(_ level: LogLevel) {
        switch level {
        case .debug: self = .debug
        case .info: self = .info
        case .warn: self = .warning
        case .error: self = .error
        }
    }
}
