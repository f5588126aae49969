// swift-tools-version: 6.2
import PackageDescription

// A module per stage of the pipeline; arrows point one way (docs/architecture.md).

let dependencies: [Package.Dependency] = [
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", exact: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
]

let systemLibraries: [Target] = [
    .systemLibrary(
        name: "CProtobufC", pkgConfig: "libprotobuf-c",
        providers: [.apt(["libprotobuf-c-dev"]), .brew(["protobuf-c"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
    .systemLibrary(
        name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
    .systemLibrary(name: "CCrypt", pkgConfig: "libxcrypt", providers: [.apt(["libcrypt-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
]

let stages: [Target] = [
    .target(name: "Platform"),
    .target(name: "Settings", dependencies: ["Platform", "Patterns"]),
    .target(name: "Bytes"),
    .target(name: "Patterns"),
    .target(name: "CMemory"),
    .target(name: "OTLP", dependencies: ["Platform", "Settings", "Bytes", "CMemory"]),
    .target(name: "Events", dependencies: ["Platform", "Settings", "Bytes", "OTLP"]),
    .target(name: "CProcess"),
    .target(name: "Series", dependencies: ["Platform", "Settings", "Bytes", "OTLP", "CMemory"]),
    .target(name: "CClientModel", dependencies: ["CProtobufC"]),
    .target(
        name: "Exposition",
        dependencies: ["Settings", "Series", "OTLP", "CClientModel", "CMemory", "Patterns", "Bytes"]),
    .target(
        name: "Credentials",
        dependencies: [
            "Platform", "Bytes",
            .target(name: "CCrypt", condition: .when(platforms: [.linux])),
            .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
        ]),
    .target(
        name: "Server",
        dependencies: [
            "CZlib", "CZstd", "Platform", "Settings", "Bytes", "Credentials",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOHTTP2", package: "swift-nio-http2"),
            .product(name: "NIOHPACK", package: "swift-nio-http2"),
            .product(name: "NIOTLS", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
        ]),
    .target(
        name: "Receiver",
        dependencies: [
            "Settings", "Server", "OTLP",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
        ]),
    .target(name: "ConfigFile", dependencies: ["CYAML", "Platform", "Settings", "Patterns"]),
    .target(name: "Storage", dependencies: ["CSQLite", "Platform"]),
    .target(name: "Journal", dependencies: ["CZstd", "Platform", "Storage", "Settings"]),
    .target(
        name: "Forward",
        dependencies: [
            "Platform", "Storage", "Settings", "Bytes", "OTLP", "Credentials", "CZlib", "CZstd",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOHTTP2", package: "swift-nio-http2"),
            .product(name: "NIOHPACK", package: "swift-nio-http2"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
        ]),
    .target(
        name: "Pipeline",
        dependencies: [
            "CMemory", "Platform", "Storage", "Settings", "OTLP", "Events", "Series", "Journal", "Exposition", "Server",
            "Receiver", "Forward",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "Logging", package: "swift-log"),
        ]),
    .executableTarget(
        name: "App",
        dependencies: [
            "CProcess", "Platform", "Storage", "Settings", "Bytes", "Patterns", "OTLP", "Events", "Series",
            "Journal", "Exposition", "Credentials", "Server", "Receiver", "Forward", "Pipeline", "ConfigFile",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ]),
]

let tests: [Target] = [
    .testTarget(name: "BytesTests", dependencies: ["Bytes"]),
    .testTarget(name: "PatternsTests", dependencies: ["Patterns"]),
    .testTarget(name: "OTLPTests", dependencies: ["Settings", "Bytes", "OTLP"]),
    .testTarget(name: "EventsTests", dependencies: ["Events", "OTLP"]),
    .testTarget(name: "SeriesTests", dependencies: ["Settings", "Series", "OTLP"]),
    .testTarget(name: "ExpositionTests", dependencies: ["Settings", "Exposition", "Series", "OTLP", "Patterns"]),
    .testTarget(name: "CredentialsTests", dependencies: ["Credentials"]),
    .testTarget(
        name: "ServerTests",
        dependencies: [
            "Settings", "Server", "Credentials", "CZstd", .product(name: "NIOSSL", package: "swift-nio-ssl"),
        ]),
    .testTarget(
        name: "ReceiverTests",
        dependencies: [
            "Settings", "Receiver", "Server", "OTLP", .product(name: "NIOHPACK", package: "swift-nio-http2"),
        ]),
    .testTarget(name: "ConfigFileTests", dependencies: ["Settings", "ConfigFile", "Patterns"]),
    .target(name: "CFaultVFS", dependencies: ["CSQLite"], path: "Tests/Support/CFaultVFS"),
    .testTarget(
        name: "JournalTests", dependencies: ["Platform", "Storage", "Settings", "Journal", "CSQLite", "CFaultVFS"]),
    .testTarget(
        name: "ForwardTests",
        dependencies: [
            "Platform", "Storage", "Settings", "Forward", "OTLP", "Credentials", "CSQLite",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
        ]),
    .testTarget(
        name: "PipelineTests",
        dependencies: ["Pipeline", "Platform", "Settings", "OTLP", "Events", "Series", "Exposition"]),
    .testTarget(
        name: "AppTests",
        dependencies: [
            "App", "Pipeline", "Platform", "Storage", "Settings", "ConfigFile", "OTLP", "Server", "CZlib", "CSQLite",
            "CFaultVFS",
            .product(name: "NIOHPACK", package: "swift-nio-http2"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
        ]),
]

let package = Package(
    name: "odometer",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "odometer", targets: ["App"])],
    dependencies: dependencies,
    targets: systemLibraries + stages + tests,
    swiftLanguageModes: [.v6]
)

let inC = ["CClientModel", "CMemory", "CProcess", "CFaultVFS"]

for target in package.targets where target.type != .system && !inC.contains(target.name) {
    target.swiftSettings = [
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
        .enableUpcomingFeature("ExistentialAny"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
        .enableUpcomingFeature("MemberImportVisibility"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
        .enableUpcomingFeature("InternalImportsByDefault"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
