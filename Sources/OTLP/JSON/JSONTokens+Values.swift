extension JSONTokens {
    /// `AggregationTemporality` as an integer or by its full name; unknown numbers are treated as in `Temporality`
    /// (R-JSON-10). OTLP does not allow names (R-JSON-09), but the Collector accepts them and exporters write them; it
    /// refuses short names and numbers in strings.
    mutating func temporality() throws(JSONFault) -> Temporality {
        guard peekToken() == UInt8(ascii: "\"") else {
            guard let number = try integer(as: Int32.self) else { return .unspecified }
            return Temporality(wireNumber: number)
        }
        let place = fault(.expectedTemporality)
        let name = try string().unescaped()
        func isName(_ expected: StaticString) -> Bool {
            name.elementsEqual(UnsafeBufferPointer(start: expected.utf8Start, count: expected.utf8CodeUnitCount))
        }
        if isName("AGGREGATION_TEMPORALITY_DELTA") { return .delta }
        if isName("AGGREGATION_TEMPORALITY_CUMULATIVE") { return .cumulative }
        if isName("AGGREGATION_TEMPORALITY_UNSPECIFIED") { return .unspecified }
        throw place
    }
}
