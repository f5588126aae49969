internal import OTLP

extension Accumulation: StateCoded {
    func write(to writer: inout StateWriter) {
        total.write(to: &writer)
        writer.number(newestTime)
        windows.write(to: &writer)
    }

    init(from reader: inout StateReader) throws(StateFault) {
        total = try Value.Sum(from: &reader)
        newestTime = try reader.number()
        windows = try DeltaWindows(from: &reader)
    }
}

extension NewestPoint: StateCoded {
    func write(to writer: inout StateWriter) {
        value.write(to: &writer)
        writer.number(time)
        writer.number(sequence)
        writer.flag(isAdded)
    }

    init(from reader: inout StateReader) throws(StateFault) {
        value = try SampleValue(from: &reader)
        time = try reader.number()
        sequence = try reader.number()
        isAdded = try reader.flag()
    }
}

extension StreamState: StateCoded {
    private enum Tag: UInt8 {
        case accumulating = 1
        case writers
        case newest
        case histogram
        case exponential
        case summary
    }

    func write(to writer: inout StateWriter) {
        switch self {
        case .accumulating(let accumulation): writer.tagged(Tag.accumulating, accumulation)
        case .writers(let writers): writer.tagged(Tag.writers, writers)
        case .newest(let newest): writer.tagged(Tag.newest, newest)
        case .histogram(let box): writer.tagged(Tag.histogram, box.value)
        case .exponential(let box): writer.tagged(Tag.exponential, box.value)
        case .summary(let box): writer.tagged(Tag.summary, box.value)
        case .released: preconditionFailure("only live streams are written, between two points")
        }
    }

    init(from reader: inout StateReader) throws(StateFault) {
        switch try reader.tag(Tag.self) {
        case .accumulating: self = .accumulating(try Accumulation(from: &reader))
        case .writers: self = .writers(try CumulativeWriters(from: &reader))
        case .newest: self = .newest(try NewestPoint(from: &reader))
        case .histogram: self = .histogram(Boxed(try DistributionStream(from: &reader)))
        case .exponential: self = .exponential(Boxed(try DistributionStream(from: &reader)))
        case .summary: self = .summary(Boxed(try SummaryPoint(from: &reader)))
        }
    }
}
