internal import Settings

// `opentelemetry.proto.metrics.v1`: points that are more than one number. Attributes stay raw as those of numbers do.

extension PointTables {
    /// `HistogramDataPoint`.
    mutating func protobufHistogramPoint(
        _ bytes: UnsafeRawBufferPointer
    ) throws(DecodingFailure) -> HistogramDataPoint {
        var point = HistogramDataPoint()
        let firstCount = bucketCounts.count
        let firstBound = explicitBounds.count
        var attributes = FieldRun()
        var scanner = WireScanner(bytes)
        while true {
            let start = scanner.position
            guard let field = try scanner.nextField() else { break }
            switch (field.number, field.type) {
            case (9, .lengthDelimited): try attributes.take(from: start, &scanner)
            case (2, .fixed64): point.header.startTime = try scanner.fixed64()
            case (3, .fixed64): point.header.time = try scanner.fixed64()
            case (4, .fixed64): point.count = try scanner.fixed64()
            case (5, .fixed64): point.sum = try scanner.double()
            case (6, .lengthDelimited), (6, .fixed64):
                var words = try scanner.fixed64Words(of: field)
                try checkRoom(for: words.fixed64Count, in: bucketCounts)
                while !words.isAtEnd { bucketCounts.append(try words.fixed64()) }
            case (7, .lengthDelimited), (7, .fixed64):
                var words = try scanner.fixed64Words(of: field)
                try checkRoom(for: words.fixed64Count, in: explicitBounds)
                while !words.isAtEnd { explicitBounds.append(try words.double()) }
            case (8, .lengthDelimited): try appendProtobufExemplar(try scanner.bytes(), to: &point.exemplars)
            case (10, .varint): point.header.flags = UInt32(truncatingIfNeeded: try scanner.varint())
            default: try scanner.skip(field, depth: limits.maxAttributeDepth)
            }
        }
        point.header.attributes = try attributes.joined(
            field: 9, of: bytes, arena: arena, depth: limits.maxAttributeDepth)
        point.bucketCounts = firstCount..<bucketCounts.count
        point.explicitBounds = firstBound..<explicitBounds.count
        return point
    }

    /// `ExponentialHistogramDataPoint`.
    mutating func protobufExponentialHistogramPoint(
        _ bytes: UnsafeRawBufferPointer
    ) throws(DecodingFailure) -> ExponentialHistogramDataPoint {
        var point = ExponentialHistogramDataPoint()
        var attributes = FieldRun()
        var positive = FieldRun()
        var negative = FieldRun()
        var scanner = WireScanner(bytes)
        while true {
            let start = scanner.position
            guard let field = try scanner.nextField() else { break }
            switch (field.number, field.type) {
            case (1, .lengthDelimited): try attributes.take(from: start, &scanner)
            case (2, .fixed64): point.header.startTime = try scanner.fixed64()
            case (3, .fixed64): point.header.time = try scanner.fixed64()
            case (4, .fixed64): point.count = try scanner.fixed64()
            case (5, .fixed64): point.sum = try scanner.double()
            case (6, .varint): point.scale = try scanner.sint32()
            case (7, .fixed64): point.zeroCount = try scanner.fixed64()
            case (8, .lengthDelimited): try positive.take(from: start, &scanner)
            case (9, .lengthDelimited): try negative.take(from: start, &scanner)
            case (10, .varint): point.header.flags = UInt32(truncatingIfNeeded: try scanner.varint())
            case (11, .lengthDelimited): try appendProtobufExemplar(try scanner.bytes(), to: &point.exemplars)
            case (14, .fixed64): point.zeroThreshold = try scanner.double()
            default: try scanner.skip(field, depth: limits.maxAttributeDepth)
            }
        }
        let depth = limits.maxAttributeDepth
        point.header.attributes = try attributes.joined(field: 1, of: bytes, arena: arena, depth: depth)
        point.positive = try protobufBuckets(
            ofRun: try positive.joined(field: 8, of: bytes, arena: arena, depth: depth))
        point.negative = try protobufBuckets(
            ofRun: try negative.joined(field: 9, of: bytes, arena: arena, depth: depth))
        return point
    }

    /// `ExponentialHistogramDataPoint.Buckets`, merged from its parts, so that its counts are side by side even if the
    /// parts of the two sides alternate.
    private mutating func protobufBuckets(
        ofRun run: UnsafeRawBufferPointer
    ) throws(DecodingFailure) -> ExponentialBuckets {
        var buckets = ExponentialBuckets()
        let first = bucketCounts.count
        var parts = WireScanner(run)
        while try parts.nextField() != nil {
            var scanner = WireScanner(try parts.bytes())
            while let field = try scanner.nextField() {
                switch (field.number, field.type) {
                case (1, .varint): buckets.offset = try scanner.sint32()
                case (2, .varint):
                    try checkRoom(in: bucketCounts)
                    bucketCounts.append(try scanner.varint())
                case (2, .lengthDelimited):
                    var packed = WireScanner(try scanner.bytes())
                    while !packed.isAtEnd {
                        try checkRoom(in: bucketCounts)
                        bucketCounts.append(try packed.varint())
                    }
                default: try scanner.skip(field, depth: limits.maxAttributeDepth)
                }
            }
        }
        buckets.counts = first..<bucketCounts.count
        return buckets
    }

    /// `SummaryDataPoint`.
    mutating func protobufSummaryPoint(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) -> SummaryDataPoint {
        var point = SummaryDataPoint()
        let firstQuantile = quantiles.count
        var attributes = FieldRun()
        var scanner = WireScanner(bytes)
        while true {
            let start = scanner.position
            guard let field = try scanner.nextField() else { break }
            switch (field.number, field.type) {
            case (7, .lengthDelimited): try attributes.take(from: start, &scanner)
            case (2, .fixed64): point.header.startTime = try scanner.fixed64()
            case (3, .fixed64): point.header.time = try scanner.fixed64()
            case (4, .fixed64): point.count = try scanner.fixed64()
            case (5, .fixed64): point.sum = try scanner.double()
            case (6, .lengthDelimited):
                try checkRoom(in: quantiles)
                quantiles.append(try protobufQuantile(try scanner.bytes()))
            case (8, .varint): point.header.flags = UInt32(truncatingIfNeeded: try scanner.varint())
            default: try scanner.skip(field, depth: limits.maxAttributeDepth)
            }
        }
        point.header.attributes = try attributes.joined(
            field: 7, of: bytes, arena: arena, depth: limits.maxAttributeDepth)
        point.quantiles = firstQuantile..<quantiles.count
        return point
    }

    /// `SummaryDataPoint.ValueAtQuantile`.
    private func protobufQuantile(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) -> QuantileValue {
        var result = QuantileValue(quantile: 0, value: 0)
        var scanner = WireScanner(bytes)
        while let field = try scanner.nextField() {
            switch (field.number, field.type) {
            case (1, .fixed64): result.quantile = try scanner.double()
            case (2, .fixed64): result.value = try scanner.double()
            default: try scanner.skip(field, depth: limits.maxAttributeDepth)
            }
        }
        return result
    }
}
