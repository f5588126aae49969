// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of the collector never build it. The stages it measures are the collector's
// own sources, linked in by folder: their declarations are `package`, which ends at a package's border.

let package = Package(
    name: "odometer-benchmarks",
    platforms: [.macOS(.v15)],
    targets: [
        .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c"),
        .target(name: "Platform"),
        .target(name: "Settings", dependencies: ["Platform", "Patterns"]),
        .target(name: "Bytes"),
        .target(name: "CMemory"),
        .target(name: "OTLP", dependencies: ["Platform", "Settings", "Bytes", "CMemory"]),
        .target(name: "Events", dependencies: ["Platform", "Settings", "Bytes", "OTLP"]),
        .target(name: "Patterns"),
        .target(name: "Series", dependencies: ["Platform", "Settings", "Bytes", "OTLP", "CMemory"]),
        .target(name: "CClientModel", dependencies: ["CProtobufC"], exclude: ["Protos"]),
        .target(
            name: "Exposition",
            dependencies: ["Settings", "Series", "OTLP", "CClientModel", "CMemory", "Patterns", "Bytes"]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3"),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
        .target(name: "Storage", dependencies: ["CSQLite", "Platform"]),
        .target(name: "Journal", dependencies: ["CZstd", "Platform", "Storage", "Settings"]),
        .target(name: "CAllocations"),
        .executableTarget(
            name: "Bench",
            dependencies: [
                "Platform", "Settings", "OTLP", "Events", "Series", "Exposition", "Journal", "CAllocations",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type == .regular || target.type == .executable {
    guard !["CClientModel", "CMemory", "CAllocations"].contains(target.name) else { continue }
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
