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
        case .accumulating(let accumulation): write(.accumulating, accumulation, to: &writer)
        case .writers(let writers): write(.writers, writers, to: &writer)
        case .newest(let newest): write(.newest, newest, to: &writer)
        case .histogram(let box): write(.histogram, box.value, to: &writer)
        case .exponential(let box): write(.exponential, box.value, to: &writer)
        case .summary(let box): write(.summary, box.value, to: &writer)
        case .released: preconditionFailure("only live streams are written, between two points")
        }
    }

    private func write(_ tag: Tag, _ content: some StateCoded, to writer: inout StateWriter) {
        writer.byte(tag.rawValue)
        content.write(to: &writer)
    }

    init(from reader: inout StateReader) throws(StateFault) {
        guard let tag = Tag(rawValue: try reader.byte()) else { throw .unknownTag }
        switch tag {
        case .accumulating: self = .accumulating(try Accumulation(from: &reader))
        case .writers: self = .writers(try CumulativeWriters(from: &reader))
        case .newest: self = .newest(try NewestPoint(from: &reader))
        case .histogram: self = .histogram(Boxed(try DistributionStream(from: &reader)))
        case .exponential: self = .exponential(Boxed(try DistributionStream(from: &reader)))
        case .summary: self = .summary(Boxed(try SummaryPoint(from: &reader)))
        }
    }
}
