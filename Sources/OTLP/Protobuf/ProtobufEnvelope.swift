private import COTLP
internal import Settings

/// `opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest`, down to the metrics in raw bytes.
///
/// protobuf-c decodes the three outer messages into the batch's arena; a scanner of this project reads the rest in
/// place (docs/decisions/0002-protobuf-c-and-own-point-scanner.md).
extension MetricsBatch {
    mutating func decodeProtobuf(_ body: UnsafeRawBufferPointer) throws(DecodingFailure) {
        let known = try EnvelopeFields.known(in: body, arena: arena, depth: limits.maxAttributeDepth)
        guard let export = unpack(known) else {
            if otlp_arena_exhausted(arena.handle) { throw arena.exhausted }
            throw .malformed("protobuf: not an ExportMetricsServiceRequest")
        }
        for index in 0..<export.pointee.n_resource_metrics {
            guard let resourceMetrics = export.pointee.resource_metrics[index]?.pointee else { continue }
            try append(resourceMetrics)
        }
    }

    private func unpack(_ body: UnsafeRawBufferPointer) -> UnsafeMutablePointer<Odometer__Otlp__MetricsExport>? {
        odometer__otlp__metrics_export__unpack(
            otlp_arena_allocator(arena.handle), body.count, body.assumingMemoryBound(to: UInt8.self).baseAddress)
    }

    private mutating func append(_ message: Odometer__Otlp__ResourceMetrics) throws(DecodingFailure) {
        try checkUTF8(message.schema_url.buffer)
        let bytes = try joined(message.resource, count: message.n_resource)
        try checkRoom(in: resources)
        resources.append(RawResource(bytes: bytes))
        for index in 0..<message.n_scope_metrics {
            guard let scopeMetrics = message.scope_metrics[index]?.pointee else { continue }
            try append(scopeMetrics)
        }
    }

    private mutating func append(_ message: Odometer__Otlp__ScopeMetrics) throws(DecodingFailure) {
        let schemaURL = message.schema_url.buffer
        try checkUTF8(schemaURL)
        let bytes = try joined(message.scope, count: message.n_scope)
        try checkRoom(in: scopes)
        scopes.append(RawScope(resource: Int32(resources.count - 1), bytes: bytes, schemaURL: schemaURL))
        for index in 0..<message.n_metrics {
            try appendProtobufMetric(message.metrics[index].buffer)
        }
    }

    /// A singular message sent in parts is the concatenation of the parts (R-PB-03).
    private func joined(
        _ parts: UnsafeMutablePointer<ProtobufCBinaryData>?, count: Int
    ) throws(DecodingFailure) -> UnsafeRawBufferPointer {
        guard let parts, count > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        if count == 1 { return parts[0].buffer }
        let all = UnsafeBufferPointer(start: parts, count: count)
        for part in all {
            // A field that is cut off by its part must not continue in the next part.
            var scanner = WireScanner(part.buffer)
            while let field = try scanner.nextField() { try scanner.skip(field, depth: limits.maxAttributeDepth) }
        }
        return try arena.concatenated(all.lazy.map(\.buffer))
    }

    private func checkUTF8(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) {
        guard UTF8Validation.isValid(bytes) else { throw .notText }
    }
}

extension ProtobufCBinaryData {
    fileprivate var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: data, count: len) }
}
