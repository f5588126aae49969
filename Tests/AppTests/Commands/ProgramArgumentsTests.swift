import Foundation
import Testing

extension ProcessTests {
    /// Arguments reach the program with any preloaded library.
    @Suite struct ProgramArgumentsTests {
        /// A library that changes the environment before the program starts; nil if it cannot be built.
        private static let library: (folder: TemporaryFolder, path: String)? = {
            guard let folder = try? TemporaryFolder(),
                let source = try? folder.write(
                    """
                    #include <stdlib.h>
                    #include <stdio.h>
                    __attribute__((constructor)) static void begin(void) {
                        char name[32];
                        for (int number = 0; number < 200; number++) {
                            snprintf(name, sizeof name, "PRELOADED_%d", number);
                            setenv(name, "1", 1);
                        }
                    }
                    """, to: "preloaded.c")
            else { return nil }
            let path = folder.url.appending(path: "preloaded.so").path
            guard let compiler = try? RunningProgram("cc", ["-shared", "-fPIC", "-o", path, source]),
                compiler.waitForEnd() == .exited(0)
            else { return nil }
            return (folder, path)
        }()

        private static func run(_ arguments: [String]) throws -> ProgramRun.Result {
            let library = try #require(library)
            return try ProgramRun(arguments, environment: ["LD_PRELOAD": library.path]).end()
        }

        @Test("a preloaded library that changes the environment removes no argument", .enabled(if: library != nil))
        func preloaded() async throws {
            try await blocking {
                let version = try Self.run(["--version"])
                #expect(version.status == 0 && !version.output.isEmpty, "\(version.errors)")
                let missing = try Self.run(["--config=/nowhere/config.yaml"])
                #expect(missing.status == 1)
                #expect(missing.errors.contains("/nowhere/config.yaml"), "\(missing.errors)")
                for arguments in [["--bogus"], ["bogus"], ["run", "--config", "/nowhere/é x.yaml"]] {
                    #expect(try Self.run(arguments).status == 1, "\(arguments)")
                }
                let folder = try TemporaryFolder()
                let file = try folder.write(TestConfiguration.collector(), to: "c o\nnfig.yaml")
                let valid = try Self.run(["validate", "--config", file])
                #expect(valid.output.hasPrefix("The configuration is valid."), "\(valid.errors)")
            }
        }

        /// A program of only the two files, linked statically like that of the image. Nil without a compiler.
        private static let probe: (folder: TemporaryFolder, path: String)? = {
            guard let folder = try? TemporaryFolder() else { return nil }
            let sources = Fixtures.package.appending(path: "Sources")
            let module = sources.appending(path: "CProcess").path
            let object = folder.url.appending(path: "start.o").path
            let path = folder.url.appending(path: "probe").path
            guard
                let main = try? folder.write(
                    "print(ProgramArguments.all)\n", to: "main.swift"),
                (try? folder.write(
                    "module CProcess { header \"\(module)/include/process_start.h\" export * }\n",
                    to: "module.modulemap")) != nil,
                let compiled = try? RunningProgram(
                    "cc", ["-c", "-I\(module)/include", "-o", object, module + "/process_start.c"]),
                compiled.waitForEnd(within: .seconds(120)) == .exited(0),
                let linked = try? RunningProgram(
                    "swiftc",
                    [
                        "-static-stdlib", "-enable-upcoming-feature", "InternalImportsByDefault", "-I",
                        folder.url.path, "-o", path, main,
                        sources.appending(path: "Collector/ProgramArguments.swift").path, object,
                    ]),
                linked.waitForEnd(within: .seconds(300)) == .exited(0)
            else { return nil }
            return (folder, path)
        }()

        @Test(
            "a statically linked program has its arguments",
            .enabled(if: library != nil && probe != nil))
        func staticProgram() async throws {
            try await blocking {
                let (library, probe) = (try #require(Self.library), try #require(Self.probe))
                let arguments = ["--config=a", "b c", "", "é"]
                for environment in [["LD_PRELOAD": library.path], [:]] {
                    let program = try RunningProgram(probe.path, arguments, environment: environment)
                    #expect(program.waitForEnd() == .exited(0), "\(program.standardError)")
                    #expect(program.standardOutput == "\(arguments)\n")
                }
            }
        }

        @Test("empty arguments and many arguments are kept")
        func unusual() async throws {
            try await blocking {
                #expect(try ProgramRun([""]).end().status == 1)
                let run = try ProgramRun(["forget", "--config=/nowhere"] + (0..<2_000).map { "a\($0)=\"x\"" }).end()
                #expect(run.status == 1)
                #expect(run.errors.contains("/nowhere"), "\(run.errors.prefix(200))")
            }
        }
    }
}
