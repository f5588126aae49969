internal import OTLP

extension SeriesStore {
    /// Every series is found by its labels and stands in its family, once.
    func checkSeries(_ report: inout InvariantReport) {
        var live: [SeriesID] = []
        for (row, record) in series.enumerated() where !record.isVacant {
            let number = SeriesID(row: row)
            live.append(number)
            report.require(
                seriesIndex.holds(labelsHash(record.labels, in: record.family), number.number),
                "series \(number): not in the index of series")
            report.require(
                record.family.row < families.count && families[record.family].numbers.contains(number),
                "series \(number): not in its family")
            report.require(
                writtenZeroUntil(of: number) <= firstIncrement.latestZeroUntil,
                "series \(number): 0 for longer than the latest")
        }
        report.checkRows("series", count: series.count, used: live, free: freeSeries)
        seriesIndex.check("series", entries: live.count, &report)
        exposedTimes.check(&report, rows: series.count)
    }

    /// Every family is found by its name, its series are its own and in order, and the page is as large as all of them.
    func checkFamilies(_ report: inout InvariantReport) {
        var live: [FamilyID] = []
        var (lines, native, help, bytes, held) = (0, 0, 0, 0, 0)
        for (row, family) in families.enumerated() where !family.isVacant {
            let number = FamilyID(row: row)
            live.append(number)
            let name = family.descriptor.name
            help += family.help.count
            bytes += SeriesStore.headBytes(name: name)
            held += StateWeight.family + 2 * name.count
            for member in family.numbers where isSeries(member) {
                let record = series[member]
                lines += Int(record.lines)
                bytes += lineBytes(Int(record.lines), name: name, labels: record.labels)
                held += StateWeight.series + record.labels.count
                if family.descriptor.type == .nativeHistogram { native += 1 }
            }
            check(family, number, &report)
        }
        held += streams.reduce(0) { $0 + ($1.isVacant ? 0 : Int($1.weight)) }
        report.checkRows("family", count: families.count, used: live, free: freeFamilies)
        report.checkRows(
            "family by name", count: families.count, used: familyNumbers.values.flatMap(\.self), free: freeFamilies)
        report.compare("lines", kept: lineCount, held: lines)
        report.compare("bytes of lines", kept: lineBytes, held: bytes)
        report.compare("series of exponential histograms", kept: exponentialCount, held: native)
        report.compare("bytes of descriptions", kept: helpBytes, held: help)
        report.compare("weight", kept: weight, held: held)
    }

    private func check(_ family: FamilyRecord, _ number: FamilyID, _ report: inout InvariantReport) {
        let name = String(decoding: family.descriptor.name, as: UTF8.self)
        report.require(
            familyNumbers[family.descriptor.name]?.contains(number) == true, "family \(name): not found by its name")
        report.require(!family.isEmpty, "family \(name): has no series")
        report.require(
            family.hasRival == hasRivals(number), "family \(name): hasRival is \(family.hasRival), and wrong")
        var active = 0
        for member in family.numbers {
            guard isSeries(member), series[member].family == number else {
                report.require(false, "family \(name): series \(member) is not its own")
                continue
            }
            if series[member].activeStreams > 0 { active += 1 }
        }
        report.compare("active series of family \(name)", kept: family.activeSeries, held: active)
        family.check(name, &report) { isSeries($0) ? labels(of: $0) : [] }
    }
}
