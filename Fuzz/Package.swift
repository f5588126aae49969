// swift-tools-version: 6.2
import PackageDescription

// Coverage-guided fuzzing with libFuzzer. A package of its own, since it needs unsafe flags; see README.md here.

let fuzzing: [SwiftSetting] = [.unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library"])]
let linking: [LinkerSetting] = [.unsafeFlags(["-sanitize=fuzzer,address"])]
let covered: [SwiftSetting] = [
    .unsafeFlags(["-sanitize=fuzzer,address"]),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "odometer-fuzz",
    platforms: [.macOS(.v15)],
    targets: [
        .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c"),
        .target(name: "Bytes"),
        .target(name: "COTLP", dependencies: ["CProtobufC"], exclude: ["Protos"]),
        .target(name: "OTLP", dependencies: ["Bytes", "COTLP"], swiftSettings: covered),
        .target(name: "CMemory"),
        .target(name: "Patterns"),
        .target(name: "Series", dependencies: ["OTLP", "CMemory"], swiftSettings: covered),
        .target(name: "Exposition", dependencies: ["Series", "OTLP", "Patterns", "Bytes"], swiftSettings: covered),
        .target(name: "CFuzzMain"),
        .executableTarget(
            name: "FuzzExport", dependencies: ["OTLP", "Series", "Exposition", "CFuzzMain"], swiftSettings: fuzzing,
            linkerSettings: linking),
        .executableTarget(
            name: "FuzzJSON", dependencies: ["OTLP", "Series", "Exposition", "CFuzzMain"], swiftSettings: fuzzing,
            linkerSettings: linking),
        .executableTarget(
            name: "FuzzPages", dependencies: ["OTLP", "Series", "Exposition", "CFuzzMain"], swiftSettings: fuzzing,
            linkerSettings: linking),
    ],
    swiftLanguageModes: [.v6]
)
