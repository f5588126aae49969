import Testing

/// The records of exports of logs, each as its bytes.
enum LogRecords {
    /// - Parameter body: an `ExportLogsServiceRequest`.
    static func records(in body: [UInt8]) throws -> [[UInt8]] {
        let request = try #require(ProtobufFields(body))
        return try request.all(1).flatMap { resource in
            try #require(ProtobufFields(resource)).all(2).flatMap { scope in
                try #require(ProtobufFields(scope)).all(2)
            }
        }
    }

    /// How many times each record is in these exports.
    static func counts(in bodies: [[UInt8]]) throws -> [[UInt8]: Int] {
        var counts: [[UInt8]: Int] = [:]
        for body in bodies { for record in try records(in: body) { counts[record, default: 0] += 1 } }
        return counts
    }
}
