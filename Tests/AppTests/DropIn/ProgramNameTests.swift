import Foundation
import Testing

@testable import App
@testable import Pipeline

/// The program as a replacement of the Collector, with unchanged compose files.
@Suite struct ProgramNameTests {
    @Test(
        "health checks can call the program by the names of the Collector",
        arguments: ["otelcol-contrib", "otelcol", "odometer"])
    func programHasTheCollectorsNames(name: String) async throws {
        try await blocking {
            let folder = try TemporaryFolder()
            let link = folder.url.appending(path: name).path
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: OdometerProgram.path)
            let version = try RunningProgram(link, ["--version"], environment: OdometerProgram.environment)
            #expect(version.waitForEnd() == .exited(0))
            #expect(version.standardOutput == "odometer \(Version.current)\n")
            let file = try folder.write(TestConfiguration.collector(), to: "config.yaml")
            let validate = try RunningProgram(link, ["validate", "--config=\(file)"])
            #expect(validate.waitForEnd() == .exited(0))
        }
    }

    @Test("the image has these names")
    func imageHasTheCollectorsNames() throws {
        let text = try String(contentsOf: Fixtures.package.appending(path: "Dockerfile"), encoding: .utf8)
        for name in ["otelcol-contrib", "otelcol"] {
            #expect(
                text.contains("ln -s /odometer /names/\(name)\n") || text.contains("ln -s /odometer /names/\(name) "))
        }
        #expect(text.contains("COPY --from=build /names/ /\n"))
    }

    @Test("if the user cannot write the state directory, the message says what to mount, and for which user")
    func unwritableStateSaysWhatToMount() {
        let text = StateOutOfReach(
            path: "/var/lib/odometer", reason: "cannot open the lock in /var/lib/odometer: Permission denied",
            user: 1000,
            group: 1000
        ).description
        #expect(text.contains("Permission denied; mount a volume or directory at /var/lib/odometer that user 1000"))
        #expect(text.contains("chown 1000:1000"))
        #expect(text.contains("odometer.state.path"))
    }

    @Test("a relative directory is reported with its absolute path")
    func relativeStateIsToldWhereItIs() {
        let here = FileManager.default.currentDirectoryPath
        #expect(
            StateOutOfReach(path: "odometer-data", reason: "r").description.contains("\(here)/odometer-data that user"))
    }
}
