internal import OTLP

extension SeriesStore {
    /// Every stream belongs to one series and one metric, and weighs what it holds.
    func checkStreams(_ report: inout InvariantReport) {
        streams.check(&report)
        streams.checkLists(of: exposed, &report)
        streams.forEach { number, stream in
            let held = StateWeight.stream + stream.state.weight
            if let identity = unwritten.identity(of: number) {
                report.compare(
                    "weight of stream \(number)", kept: Int(stream.weight), held: held + identity.attributes.count)
            } else {
                report.require(
                    Int(stream.weight) >= held, "stream \(number): weighs \(stream.weight), holds \(held)")
            }
        }
    }
}
