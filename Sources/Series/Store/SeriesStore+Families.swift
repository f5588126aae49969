internal import OTLP

/// Families: one type a name, and whether a series is exposed at all.
extension SeriesStore {
    /// What there is of a family before a series joins it.
    enum FamilyLookup {
        case known(FamilyID)
        case absent
        /// The name is exposed with another type (R-TYPE-09: the first type stays until its last series is gone).
        case conflict
    }

    func findFamily(_ descriptor: FamilyDescriptor, now: UnixNanoseconds) -> FamilyLookup {
        let known = (familyNumbers[descriptor.name] ?? []).first {
            families[$0].descriptor.type.sharesFamily(with: descriptor.type)
        }
        if let known {
            return families[known].hasRival && hasLiveRival(known, now: now) ? .conflict : .known(known)
        }
        return rivals(of: descriptor).contains { isLive($0, now: now) } ? .conflict : .absent
    }

    /// Makes a family that `findFamily` found absent.
    mutating func insertFamily(_ descriptor: FamilyDescriptor) -> FamilyID {
        var record = FamilyRecord(descriptor: descriptor, help: [])
        let rivals = rivals(of: descriptor)
        record.hasRival = !rivals.isEmpty
        for rival in rivals { families[rival].hasRival = true }
        let number = families.insert(record, reusing: &freeFamilies)
        familyNumbers[descriptor.name, default: []].append(number)
        weight += StateWeight.family + 2 * descriptor.name.count
        lineBytes += SeriesStore.headBytes(name: descriptor.name)
        return number
    }

    /// Frees the place of a family whose last series is gone.
    mutating func removeFamily(_ number: FamilyID) {
        let descriptor = families[number].descriptor
        weight -= StateWeight.family + 2 * descriptor.name.count
        lineBytes -= SeriesStore.headBytes(name: descriptor.name)
        helpBytes -= families[number].help.count
        let rest = (familyNumbers[descriptor.name] ?? []).filter { $0 != number }
        familyNumbers[descriptor.name] = rest.isEmpty ? nil : rest
        families[number] = FamilyRecord(
            descriptor: FamilyDescriptor(name: [], type: descriptor.type), help: [])
        freeFamilies.append(number)
        for rival in rivals(of: descriptor) {
            families[rival].hasRival = hasRivals(rival)
        }
    }

    /// The families that cannot be on one page with this one: of the same name and another type, or where the lines of
    /// one would have the name of the other, as `h_count` beside a histogram `h`.
    private func rivals(of descriptor: FamilyDescriptor) -> [FamilyID] {
        var rivals = (familyNumbers[descriptor.name] ?? []).filter {
            !families[$0].descriptor.type.sharesFamily(with: descriptor.type)
        }
        for suffix in LineSuffix.ofFamily(descriptor, withCreated: settings.writesCreated) {
            rivals += familyNumbers[suffix.lineName(of: descriptor)] ?? []
        }
        for suffix in LineSuffix.all {
            for owner in suffix.owners(ofLine: descriptor.name).flatMap({ familyNumbers[$0] ?? [] }) {
                let other = families[owner].descriptor
                let suffixes = LineSuffix.ofFamily(other, withCreated: settings.writesCreated)
                if suffixes.contains(suffix), suffix.lineName(of: other) == descriptor.name { rivals.append(owner) }
            }
        }
        return rivals
    }

    func hasRivals(_ family: FamilyID) -> Bool { !rivals(of: families[family].descriptor).isEmpty }

    private func isLive(_ family: FamilyID, now: UnixNanoseconds) -> Bool {
        let record = families[family]
        return record.isLive(at: now, expiry: settings.expiry(of: record.descriptor.type))
    }

    func hasLiveRival(_ family: FamilyID, now: UnixNanoseconds) -> Bool {
        rivals(of: families[family].descriptor).contains { isLive($0, now: now) }
    }

    /// Notes that one more stream of the series is not withdrawn.
    mutating func activate(_ seriesNumber: SeriesID) {
        let family = series[seriesNumber].family
        series[seriesNumber].activeStreams += 1
        if series[seriesNumber].activeStreams == 1 { families[family].activeSeries += 1 }
    }

    /// Notes that one stream less of the series is not withdrawn.
    mutating func deactivate(_ seriesNumber: SeriesID) {
        let family = series[seriesNumber].family
        series[seriesNumber].activeStreams -= 1
        if series[seriesNumber].activeStreams == 0 { families[family].activeSeries -= 1 }
    }

    /// A NoRecordedValue point: the stream is withdrawn until its next real point (R-DM-03). Its state stays.
    /// One that is older than what it withdraws is late.
    mutating func withdraw(_ number: StreamID, startTime: UnixNanoseconds, time: UnixNanoseconds) {
        let record = streams[number]
        if time != 0, let newest = newestTime(of: record, startTime: startTime), time < newest {
            counters.latePoints += 1
            return
        }
        // What is older than the withdrawal is late from here on.
        changes.markTotal(number)
        switch record.state {
        case .newest(var newest):
            newest.time = max(newest.time, time)
            streams[number].state = .newest(newest)
        case .summary(var newest):
            newest.value.time = max(newest.value.time, time)
            streams[number].state = .summary(newest)
        case .accumulating, .writers, .histogram, .exponential, .released: break
        }
        guard !record.isWithdrawn else { return }
        streams[number].isWithdrawn = true
        exposedTimes.move(record.series, to: time, request: request, now: lastArrival)
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
    mutating func restore(_ number: StreamID) {
        streams[number].isWithdrawn = false
        activate(streams[number].series)
    }
}

extension FamilyType {
    /// Both kinds of histogram are one type to Prometheus: their series stand in one family, that of the first.
    fileprivate func sharesFamily(with other: FamilyType) -> Bool {
        self == other || (isHistogram && other.isHistogram)
    }

    private var isHistogram: Bool { self == .histogram || self == .nativeHistogram }
}
