internal import OTLP

/// Families: one type a name, and whether a series is exposed at all.
extension SeriesStore {
    /// What there is of a family before a series joins it.
    enum FamilyLookup {
        case known(UInt32)
        case absent
        /// The name is exposed with another type (R-TYPE-09: the first type stays until its last series is gone).
        case conflict
    }

    func findFamily(_ descriptor: FamilyDescriptor, now: UnixNanoseconds) -> FamilyLookup {
        var found = FamilyLookup.absent
        for number in familyNumbers[descriptor.name] ?? [] {
            if families[Int(number)].descriptor.type.sharesFamily(with: descriptor.type) {
                found = .known(number)
            } else if isLive(number, now: now) {
                return .conflict
            }
        }
        return found
    }

    /// Makes a family that `findFamily` found absent.
    mutating func insertFamily(_ descriptor: FamilyDescriptor) -> UInt32 {
        let record = FamilyRecord(descriptor: descriptor, help: [])
        let number: UInt32
        if let reused = freeFamilies.popLast() {
            families[Int(reused)] = record
            number = reused
        } else {
            number = UInt32(families.count)
            families.append(record)
        }
        let numbers = (familyNumbers[descriptor.name] ?? []) + [number]
        familyNumbers[descriptor.name] = numbers
        if numbers.count > 1 {
            for rival in numbers { families[Int(rival)].hasRival = true }
        }
        return number
    }

    /// Frees the place of a family whose last series is gone.
    mutating func removeFamily(_ number: UInt32) {
        let name = families[Int(number)].descriptor.name
        let rest = (familyNumbers[name] ?? []).filter { $0 != number }
        familyNumbers[name] = rest.isEmpty ? nil : rest
        if rest.count == 1 { families[Int(rest[0])].hasRival = false }
        families[Int(number)] = FamilyRecord(
            descriptor: FamilyDescriptor(name: [], type: families[Int(number)].descriptor.type), help: [])
        freeFamilies.append(number)
    }

    private func isLive(_ family: UInt32, now: UnixNanoseconds) -> Bool {
        let record = families[Int(family)]
        return record.isLive(at: now, expiry: settings.expiry(of: record.descriptor.type))
    }

    func hasLiveRival(_ family: UInt32, now: UnixNanoseconds) -> Bool {
        let descriptor = families[Int(family)].descriptor
        return (familyNumbers[descriptor.name] ?? []).contains { $0 != family && isLive($0, now: now) }
    }

    /// Notes that one more stream of the series is not withdrawn.
    mutating func activate(_ seriesNumber: UInt32) {
        let family = series[Int(seriesNumber)].family
        series[Int(seriesNumber)].activeStreams += 1
        if series[Int(seriesNumber)].activeStreams == 1 { families[Int(family)].activeSeries += 1 }
    }

    /// Notes that one stream less of the series is not withdrawn.
    mutating func deactivate(_ seriesNumber: UInt32) {
        let family = series[Int(seriesNumber)].family
        series[Int(seriesNumber)].activeStreams -= 1
        if series[Int(seriesNumber)].activeStreams == 0 { families[Int(family)].activeSeries -= 1 }
    }

    /// A NoRecordedValue point: the stream is withdrawn until its next real point (R-DM-03). Its state stays.
    /// One that is older than what it withdraws is late.
    mutating func withdraw(_ number: UInt32, startTime: UnixNanoseconds, time: UnixNanoseconds) {
        let record = streams[Int(number)]
        if time != 0, let newest = newestTime(of: record, startTime: startTime), time < newest {
            counters.latePoints += 1
            return
        }
        // What is older than the withdrawal is late from here on.
        switch record.state {
        case .newest(var newest):
            newest.time = max(newest.time, time)
            streams[Int(number)].state = .newest(newest)
        case .summary(var newest):
            newest.value.time = max(newest.value.time, time)
            streams[Int(number)].state = .summary(newest)
        case .accumulating, .writers, .histogram, .exponential, .released: break
        }
        guard !record.isWithdrawn else { return }
        streams[Int(number)].isWithdrawn = true
        deactivate(record.series)
    }

    /// The time of the newest point of a stream; of several writers that of the one with this start. nil when there is
    /// no such writer.
    private func newestTime(of record: StreamRecord, startTime: UnixNanoseconds) -> UnixNanoseconds? {
        switch record.state {
        case .accumulating(let accumulation): accumulation.newestTime
        case .newest(let newest): newest.time
        case .writers(let writers): writers.newestTime(startTime: startTime)
        case .histogram(let histogram): histogram.value.newestTime
        case .exponential(let histogram): histogram.value.newestTime
        case .summary(let newest): newest.value.time
        case .released: nil
        }
    }

    /// A withdrawn stream has a value again.
    mutating func restore(_ number: UInt32) {
        streams[Int(number)].isWithdrawn = false
        activate(streams[Int(number)].series)
    }
}

extension FamilyType {
    /// Both kinds of histogram are one type to Prometheus: their series stand in one family, that of the first.
    fileprivate func sharesFamily(with other: FamilyType) -> Bool {
        self == other || (isHistogram && other.isHistogram)
    }

    private var isHistogram: Bool { self == .histogram || self == .nativeHistogram }
}
