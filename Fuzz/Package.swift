// swift-tools-version: 6.2
import PackageDescription

// Coverage-guided fuzzing with libFuzzer. A package of its own, since it needs unsafe flags; see README.md here.

let fuzzing: [SwiftSetting] = [.unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library"])]
let nio = ["NIOCore", "NIOPosix", "NIOHTTP1", "NIOTLS"].map {
    Target.Dependency.product(name: $0, package: "swift-nio")
}
let http2 = ["NIOHTTP2", "NIOHPACK"].map { Target.Dependency.product(name: $0, package: "swift-nio-http2") }
let ssl: [Target.Dependency] = [.product(name: "NIOSSL", package: "swift-nio-ssl")]
let linking: [LinkerSetting] = [.unsafeFlags(["-sanitize=fuzzer,address"])]
let covered: [SwiftSetting] = [
    .unsafeFlags(["-sanitize=fuzzer,address"]),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
/// Code whose internals a target calls.
let testable: [SwiftSetting] = covered + [.unsafeFlags(["-enable-testing"])]

let package = Package(
    name: "odometer-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", exact: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    ],
    targets: [
        .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c"),
        .target(name: "Platform"),
        .target(name: "Settings", dependencies: ["Platform", "Patterns"]),
        .target(name: "Bytes"),
        .target(name: "CMemory"),
        .target(name: "OTLP", dependencies: ["Platform", "Settings", "Bytes", "CMemory"], swiftSettings: covered),
        .target(name: "Patterns"),
        .target(
            name: "Series", dependencies: ["Platform", "Settings", "Bytes", "OTLP", "CMemory"], swiftSettings: covered),
        .target(name: "CClientModel", dependencies: ["CProtobufC"], exclude: ["Protos"]),
        .target(
            name: "Exposition",
            dependencies: ["Settings", "Series", "OTLP", "CClientModel", "CMemory", "Patterns", "Bytes"],
            swiftSettings: covered),
        .target(name: "CFuzzMain"),
        .executableTarget(
            name: "FuzzExport", dependencies: ["Settings", "OTLP", "Series", "Exposition", "CFuzzMain"],
            swiftSettings: fuzzing,
            linkerSettings: linking),
        .executableTarget(
            name: "FuzzJSON", dependencies: ["Settings", "OTLP", "Series", "Exposition", "CFuzzMain"],
            swiftSettings: fuzzing,
            linkerSettings: linking),
        .executableTarget(
            name: "FuzzPages", dependencies: ["Settings", "OTLP", "Series", "Exposition", "CFuzzMain"],
            swiftSettings: fuzzing,
            linkerSettings: linking),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1"),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3"),
        .systemLibrary(name: "CCrypt", pkgConfig: "libxcrypt"),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
        .target(
            name: "Credentials",
            dependencies: ["Platform", "Bytes", .target(name: "CCrypt", condition: .when(platforms: [.linux]))] + nio
                + ssl,
            swiftSettings: covered),
        .target(
            name: "Server",
            dependencies: ["CZlib", "CZstd", "Platform", "Settings", "Bytes", "Credentials"] + nio + http2 + ssl,
            swiftSettings: covered),
        .target(name: "Receiver", dependencies: ["Settings", "Server", "OTLP"] + nio, swiftSettings: covered),
        .target(
            name: "ConfigFile", dependencies: ["CYAML", "Platform", "Settings", "Patterns"], swiftSettings: covered),
        .target(name: "Storage", dependencies: ["CSQLite", "Platform"], swiftSettings: covered),
        .target(
            name: "Forward",
            dependencies: ["Platform", "Storage", "Settings", "Bytes", "OTLP", "Credentials", "CZlib", "CZstd"] + nio
                + http2 + ssl,
            swiftSettings: testable),
        .target(name: "FuzzServer", dependencies: ["Settings", "Server", "Receiver", "OTLP"] + nio),
        .executableTarget(
            name: "FuzzForward",
            dependencies: [
                "Forward", "OTLP", "CFuzzMain", .product(name: "NIOEmbedded", package: "swift-nio"),
            ] + nio + http2,
            swiftSettings: fuzzing, linkerSettings: linking),
        .executableTarget(
            name: "FuzzHTTP", dependencies: ["FuzzServer", "CFuzzMain"], swiftSettings: fuzzing, linkerSettings: linking
        ),
        .executableTarget(
            name: "FuzzHTTP2", dependencies: ["FuzzServer", "CFuzzMain"], swiftSettings: fuzzing,
            linkerSettings: linking),
        .executableTarget(
            name: "FuzzYAML", dependencies: ["ConfigFile", "CFuzzMain"], swiftSettings: fuzzing, linkerSettings: linking
        ),
    ],
    swiftLanguageModes: [.v6]
)
