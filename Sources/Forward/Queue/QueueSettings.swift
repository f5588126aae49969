internal import NIOCore
package import Settings

/// Where a queue is stored and how much it may hold.
package struct QueueSettings: Sendable, Equatable {
    /// From the configuration of its exporter.
    package var sending: SendingQueueSettings
    /// The queue's file; nil: it is kept in memory, and what is not delivered at shutdown is lost.
    package var path: String?
    /// A power failure loses at most what was accepted within this time. Default 1 s; zero syncs before every response.
    package var syncInterval: Duration
    /// Bytes of bodies that may be handed out at once, beyond one. Default 32 MiB.
    package var handedOutLimit: Int

    package init(
        _ sending: SendingQueueSettings = SendingQueueSettings(), path: String?, syncInterval: Duration = .seconds(1),
        handedOutLimit: Int = 32 << 20
    ) {
        self.sending = sending
        self.path = path
        self.syncInterval = syncInterval
        self.handedOutLimit = handedOutLimit
    }

    /// The name of an exporter's file in the state directory; characters that a file name cannot hold are
    /// percent-encoded.
    package static func fileName(ofExporter name: String) -> String {
        var text = ""
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return "\(filePrefix)\(text)\(fileSuffix)"
    }

    /// The exporter whose file has this name; nil if it is not a queue's.
    static func exporter(ofFileName name: String) -> String? {
        guard name.hasPrefix(filePrefix), name.hasSuffix(fileSuffix),
            name.utf8.count > filePrefix.utf8.count + fileSuffix.utf8.count
        else { return nil }
        var rest = name.utf8.dropFirst(filePrefix.utf8.count).dropLast(fileSuffix.utf8.count)
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        let exporter = String(decoding: bytes, as: UTF8.self)
        // Only names that this program would write.
        return fileName(ofExporter: exporter) == name ? exporter : nil
    }

    /// Beginning and end of the names of all queue files.
    private static let filePrefix = "forward-"
    private static let fileSuffix = ".db"
}

/// The content of a queue, counted.
package struct QueueDepth: Sendable, Equatable {
    package var exports = 0
    package var records = 0
    /// Of bodies.
    package var bytes = 0

    package init() {}

    mutating func add(_ export: ForwardedExport) {
        exports += 1
        records += export.records
        bytes += export.body.readableBytes
    }

    mutating func subtract(_ export: ForwardedExport) {
        subtract(exports: 1, records: export.records, bytes: export.body.readableBytes)
    }

    /// Never below zero: a damaged file may have counted differently.
    mutating func subtract(exports: Int, records: Int, bytes: Int) {
        self.exports = max(0, self.exports - exports)
        self.records = max(0, self.records - records)
        self.bytes = max(0, self.bytes - bytes)
    }
}

/// The result of queueing an export.
package enum QueueAnswer: Sendable, Equatable {
    /// It is in the queue and, if the queue has a file, survives the end of the process.
    case queued
    /// The queue is full.
    case full
    /// The disk failed.
    case failed(String)
    /// The collector is stopping.
    case closed
}
