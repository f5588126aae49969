internal import Foundation
internal import Journal
internal import Settings
internal import Synchronization

/// Ignores the events of the journal.
private struct SilentObserver: JournalObserver {
    func journal(_ event: JournalEvent) {}
}

/// Limits the appends in flight.
private final class InFlight: Sendable {
    private let free: DispatchSemaphore
    private let limit: Int

    init(_ limit: Int) {
        self.limit = limit
        // A semaphore must not end below its initial value, so that is 0.
        free = DispatchSemaphore(value: 0)
        leave(limit)
    }

    func enter() { free.wait() }
    func leave(_ count: Int) { for _ in 0..<count { free.signal() } }
    func drain() { for _ in 0..<limit { free.wait() } }
}

private func withDirectory(_ body: (String) throws -> Void) {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    do { try body(path) } catch { broken(error) }
}

/// No checkpoint is due during the measurement.
private func journalSettings(_ path: String) -> JournalSettings {
    JournalSettings(
        StateSettings {
            $0.path = path
            $0.maxJournal = 1 << 30
        })
}

private func wallSeconds() -> Double {
    Double(DispatchTime.now().uptimeNanoseconds) / 1e9
}

/// CPU and wall time of one append, by size of the body and number of appends in flight.
private func benchmarkAppend(bytes count: Int, inFlight limit: Int) {
    let body = [UInt8](repeating: 0x5a, count: count)
    let appends = min(20_000, (96 << 20) / count)
    var best = (cpu: Double.infinity, wall: Double.infinity)
    var groups = 0.0
    var growth = 0.0
    for _ in 0..<3 {
        withDirectory { path in
            let inFlight = InFlight(limit)
            let recovery = try JournalRecovery(opening: journalSettings(path), now: 0)
            let journal = try recovery.start(observer: SilentObserver()) { inFlight.leave($0.count) }
            let (cpu, wall) = (cpuSeconds(), wallSeconds())
            body.withUnsafeBytes { bytes in
                for _ in 0..<appends {
                    inFlight.enter()
                    _ = journal.append(arrival: 1, route: 1, encoding: 1, body: bytes)
                }
            }
            inFlight.drain()
            best.cpu = min(best.cpu, (cpuSeconds() - cpu) / Double(appends))
            best.wall = min(best.wall, (wallSeconds() - wall) / Double(appends))
            groups = Double(appends) / Double(journal.counters.commits)
            let names = try FileManager.default.contentsOfDirectory(atPath: path)
            let sizes = names.map { name in
                (try? FileManager.default.attributesOfItem(atPath: path + "/" + name)[.size] as? Int) ?? 0
            }
            growth = Double(sizes.reduce(0, +)) / Double(appends * count)
            journal.close()
        }
    }
    print(
        String(
            format: "append %6d bytes, %2d in flight: %7.1f us CPU, %7.1f us wall, %4.1f a group, %.2f times the bytes",
            count, limit, best.cpu * 1e6, best.wall * 1e6, groups, growth))
}

/// Opening 100,000 records of 150 bytes and a journal of 64 MiB, and a checkpoint of all these records.
private func benchmarkRecovery() {
    withDirectory { path in
        let settings = journalSettings(path)
        let inFlight = InFlight(16)
        let journal = try JournalRecovery(opening: settings, now: 0)
            .start(observer: SilentObserver()) { inFlight.leave($0.count) }
        let value = [UInt8](repeating: 7, count: 150)
        for round in 1...2 {
            var changes = RecordChanges()
            for id in 0..<100_000 {
                value.withUnsafeBytes { changes.write(store: 1, kind: 1, id: UInt64(id), value: $0) }
            }
            let done = DispatchSemaphore(value: 0)
            let (cpu, wall) = (cpuSeconds(), wallSeconds())
            journal.checkpoint(changes, covering: 0) { _ in done.signal() }
            done.wait()
            print(
                String(
                    format: "checkpoint %d of 100,000 records: %.0f ms CPU, %.0f ms wall", round,
                    (cpuSeconds() - cpu) * 1e3, (wallSeconds() - wall) * 1e3))
        }
        let body = [UInt8](repeating: 0x5a, count: 5_000)
        body.withUnsafeBytes { bytes in
            for _ in 0..<(64 << 20) / 5_000 {
                inFlight.enter()
                _ = journal.append(arrival: 1, route: 1, encoding: 1, body: bytes)
            }
        }
        journal.close()
        let (start, resident) = (wallSeconds(), residentBytes())
        let recovery = try JournalRecovery(opening: settings, now: 0)
        let opened = wallSeconds()
        var (records, entries, sum) = (0, 0, 0)
        _ = recovery.forEachRecord { record in
            records += 1
            sum &+= Int(record.value[0])
        }
        let read = wallSeconds()
        _ = recovery.forEachEntry { entry in
            entries += 1
            sum &+= Int(entry.body[0])
        }
        let end = wallSeconds()
        print(
            String(
                format: "recovery: open, check %.0f ms, %d records %.0f ms, %d entries %.0f ms, %.1f MB resident more",
                (opened - start) * 1e3, records, (read - opened) * 1e3, entries, (end - read) * 1e3,
                Double(residentBytes() - resident) / 1e6))
        recovery.abandon()
    }
}

func benchmarkJournal() {
    for bytes in [4_000, 180_000] {
        for limit in [1, 16] { benchmarkAppend(bytes: bytes, inFlight: limit) }
    }
    benchmarkRecovery()
}
