import ConfigFile
import Foundation
import Logging
import Testing

@testable import App

/// A log whose lines can be read.
final class LogCapture {
    /// A file, for a log of any length.
    private let file = FileManager.default.temporaryDirectory.appending(path: "odometer-\(UUID().uuidString).log")
    private let descriptor: Int32
    private let queue: LogQueue
    private(set) var logger: Logger

    init(_ encoding: LogEncoding = .console, level: Logger.Level = .debug) {
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        self.descriptor = descriptor
        let queue = LogQueue(descriptor)
        self.queue = queue
        logger = Logger(label: "test") { _ in
            StandardErrorLog(level: level, encoding: encoding, queue: queue) {
                LogTime(seconds: 1_795_264_496, milliseconds: 7)
            }
        }
    }

    /// The log so far; ends it.
    func text() throws -> String {
        queue.flush(within: .seconds(30))
        close(descriptor)
        defer { try? FileManager.default.removeItem(at: file) }
        return String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }
}

@Suite struct LogTests {
    @Test func consoleLinesAreTimeLevelMessageAndFields() throws {
        let log = LogCapture()
        log.logger.info(
            "listening", metadata: ["port": "4318", "address": "0.0.0.0", "name": "first one", "empty": ""])
        log.logger.warning("no fields")
        #expect(
            try log.text() == """
                2026-11-21T12:34:56.007Z info listening address=0.0.0.0 empty="" name="first one" port=4318
                2026-11-21T12:34:56.007Z warn no fields

                """)
    }

    @Test func jsonLinesAreObjects() throws {
        let log = LogCapture(.json)
        log.logger.error("it \"failed\"", metadata: ["path": "a\\b", "level": "x", "list": ["a", "b"]])
        #expect(
            try log.text() == #"""
                {"time":"2026-11-21T12:34:56.007Z","level":"error","message":"it \"failed\"","level_":"x","list":"[\"a\", \"b\"]","path":"a\\b"}

                """#)
    }

    @Test(
        "hostile text stays within its line and field",
        arguments: [
            "a\nb", "a\r\nlevel=error", "\u{1b}[31mred", "\u{0}", "\u{7f}\u{85}\u{9b}", "\u{2028}\u{2029}",
            "\u{202e}evil", "\u{feff}",
            "a\" level=error b=\"", "\\", "\\n", "{\"a\":1}", "tab\there", "ü✓𝄞", "=", " ",
        ])
    func hostileText(text: String) throws {
        for encoding in LogEncoding.allCases {
            let log = LogCapture(encoding)
            log.logger.info("\(text)", metadata: ["\(text)": "\(text)"])
            let logged = try log.text()
            #expect(logged.hasSuffix("\n"))
            #expect(logged.unicodeScalars.filter { $0 == "\n" }.count == 1)
            let isClean = logged.dropLast().unicodeScalars.allSatisfy { scalar in
                switch scalar.value {
                case 0..<0x20, 0x7f..<0xa0, 0x2028...0x202e, 0x2066...0x2069, 0xfeff: false
                default: true
                }
            }
            #expect(isClean)
            guard encoding == .json else {
                // The field is closed: an even number of quotes that are not escaped.
                let quotes = logged.replacingOccurrences(of: "\\\\", with: "").replacingOccurrences(
                    of: "\\\"", with: ""
                )
                .filter { $0 == "\"" }
                #expect(text.contains("\"") || quotes.count.isMultiple(of: 2))
                continue
            }
            let fields = try #require(
                try JSONSerialization.jsonObject(with: Data(logged.utf8)) as? [String: String], "one JSON object")
            #expect(fields["message"] == text)
            #expect(fields[text] == text)
        }
    }

    @Test func longTextIsCut() throws {
        let log = LogCapture()
        let long = String(repeating: "ü", count: 100_000)
        log.logger.info("\(long)", metadata: ["\(long)": "\(long)"])
        let logged = try log.text()
        #expect(logged.utf8.count < 4000)
        #expect(logged.contains(String(repeating: "ü", count: 512) + "..."))
    }

    @Test(
        "only lines of the configured level and above are written",
        arguments: [
            (LogLevel.debug, 4), (.info, 3), (.warn, 2), (.error, 1),
        ])
    func levels(level: LogLevel, count: Int) throws {
        let log = LogCapture(level: Logger.Level(level))
        log.logger.trace("never")
        log.logger.debug("debug")
        log.logger.info("info")
        log.logger.warning("warning")
        log.logger.error("error")
        #expect(try log.text().split(separator: "\n").count == count)
    }

    @Test func fieldsOfTheEventWinOverThoseOfTheLogger() throws {
        let capture = LogCapture()
        var logger = capture.logger
        logger[metadataKey: "listener"] = "otlp"
        logger[metadataKey: "kept"] = "yes"
        #expect(logger[metadataKey: "listener"] == "otlp")
        logger.info("message", metadata: ["listener": "prometheus"])
        #expect(try capture.text().hasSuffix("info message kept=yes listener=prometheus\n"))
    }

    @Test(
        "times are shown in UTC with milliseconds",
        arguments: [
            (Int64(0), 0, "1970-01-01T00:00:00.000Z"), (951_782_399, 999, "2000-02-28T23:59:59.999Z"),
            (951_782_400, 1, "2000-02-29T00:00:00.001Z"), (4_107_542_399, 0, "2100-02-28T23:59:59.000Z"),
            (4_107_542_400, 0, "2100-03-01T00:00:00.000Z"), (1_795_264_496, 789, "2026-11-21T12:34:56.789Z"),
            (253_402_300_799, 0, "9999-12-31T23:59:59.000Z"), (-1, 0, "1969-12-31T23:59:59.000Z"),
        ])
    func times(seconds: Int64, milliseconds: Int, text: String) {
        #expect(LogTime(seconds: seconds, milliseconds: milliseconds).text == text)
    }

    @Test func nowIsNow() {
        let now = LogTime.now()
        #expect(abs(Double(now.seconds) + Double(now.milliseconds) / 1000 - Date().timeIntervalSince1970) < 5)
    }
}
