/// A time in OTLP: nanoseconds since 1970-01-01T00:00:00Z. 0 means "not given".
package typealias UnixNanoseconds = UInt64
