/// A resource as received. Buffers live as long as those of `RawMetric`.
package struct RawResource {
    /// Protobuf: the bytes of the `Resource` message; JSON: the text of the `resource` object. Empty when absent.
    package var bytes: UnsafeRawBufferPointer

    package init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }
}

/// A scope as received, with the resource it belongs to.
package struct RawScope {
    /// Index into `MetricsBatch.resources`.
    package var resource: Int32
    /// Protobuf: the bytes of the `InstrumentationScope` message; JSON: the text of the `scope` object.
    package var bytes: UnsafeRawBufferPointer
    /// `schema_url` of the scope metrics; UTF-8, already checked.
    package var schemaURL: UnsafeRawBufferPointer

    package init(resource: Int32, bytes: UnsafeRawBufferPointer, schemaURL: UnsafeRawBufferPointer) {
        self.resource = resource
        self.bytes = bytes
        self.schemaURL = schemaURL
    }
}
