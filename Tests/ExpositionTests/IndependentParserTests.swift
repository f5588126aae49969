import Foundation
import OTLP
import Series
import Testing

@testable import Exposition

/// Independent parsers find the same families, labels and values in all three formats.
@Suite struct IndependentParserTests {
    /// Runs Tests/Python/read_expositions.py and returns its output.
    private func verdict(_ random: RandomSnapshot, settings: ExpositionSettings, escaping: NameEscaping) throws
        -> (status: Int32, output: String)
    {
        try withTemporaryFolder { directory in
            let snapshot = random.snapshot
            try JSONSerialization.data(withJSONObject: random.expected).write(
                to: directory.appending(path: "expected.json"))
            try Data(text(of: snapshot, settings: settings, escaping: escaping, pieceSize: 999)).write(
                to: directory.appending(path: "exposition.txt"))
            try Data(openMetrics(of: snapshot, settings: settings, escaping: escaping, pieceSize: 998).utf8).write(
                to: directory.appending(path: "exposition.om"))
            try Data(protobuf(of: snapshot, settings: settings, escaping: escaping, bufferLimit: 700, pieceSize: 997))
                .write(to: directory.appending(path: "exposition.pb"))
            return try runPython("read_expositions.py", [directory.path])
        }
    }

    @Test(
        "R-OM-22 R-PBX-01 R-PBX-02 R-PBX-03 R-PBX-04 R-PBX-06 R-PBX-07 R-ST-01 the three formats show the same",
        arguments: [
            (1, ExpositionSettings()), (2, ExpositionSettings(timestamps: true)), (3, ExpositionSettings()),
            (4, ExpositionSettings(timestamps: true)), (5, ExpositionSettings()),
        ] as [(UInt64, ExpositionSettings)])
    func formatsAgree(seed: UInt64, settings: ExpositionSettings) throws {
        let random = RandomSnapshot(seed: seed, hasQuotedNames: false)
        let (status, output) = try verdict(random, settings: settings, escaping: .underscores)
        #expect(status == 0 && output.hasPrefix("agreed: "), "\(output)")
    }

    @Test("R-TXT-08 quoted names are read back", arguments: [UInt64(11), 12])
    func quotedNamesAgree(seed: UInt64) throws {
        let random = RandomSnapshot(seed: seed, hasQuotedNames: true)
        let (status, output) = try verdict(
            random, settings: ExpositionSettings(hasQuotedLabelNames: true), escaping: .allowUTF8)
        #expect(status == 0 && output.hasPrefix("agreed: "), "\(output)")
    }

    @Test("the comparison detects a wrong value")
    func wrongValuesAreNoticed() throws {
        var random = RandomSnapshot(seed: 1, hasQuotedNames: false)
        random.snapshot.families[0].samples[0].labels = Array(#"wrong="1""#.utf8)
        let (status, output) = try verdict(random, settings: ExpositionSettings(), escaping: .underscores)
        #expect(status == 1 && output.contains("wanted"), "\(output)")
    }
}
