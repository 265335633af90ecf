// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "carryover",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "carryover", targets: ["carryover"]),
    .library(name: "JSONText", targets: ["JSONText"]),
    .library(
      name: "Carryover",
      targets: [
        "SessionModel", "SessionCoding", "SessionValidation", "SessionFormats", "Conversion",
      ]),
    .library(name: "GGCodeStore", targets: ["GGCodeStore"]),
    .library(name: "TermLLMStore", targets: ["TermLLMStore"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CDeflate", pkgConfig: "libdeflate",
      providers: [.apt(["libdeflate-dev"]), .brew(["libdeflate"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"]), .brew(["nettle"])]),
    .systemLibrary(name: "CByteMasks"),
    .target(name: "JSONText", dependencies: ["CByteMasks"], swiftSettings: strict),
    .systemLibrary(name: "CExchange"),
    .target(
      name: "FileIO",
      dependencies: ["CDeflate", "CExchange", "CNettle"],
      swiftSettings: strict),
    .target(name: "SessionModel", dependencies: ["JSONText"], swiftSettings: strict),
    .target(
      name: "SessionCoding", dependencies: ["SessionModel", "JSONText", "FileIO"],
      swiftSettings: strict),
    .target(
      name: "SessionValidation", dependencies: ["SessionModel", "SessionCoding", "JSONText"],
      swiftSettings: strict),
    .target(
      name: "SessionFormats",
      dependencies: [
        "SessionModel", "SessionCoding", "JSONText", "FileIO",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .target(
      name: "GGCodeStore",
      dependencies: ["SessionModel", "SessionCoding", "SessionFormats", "JSONText", "FileIO"],
      path: "Sources/SessionStores/JSONL", swiftSettings: strict),
    .target(
      name: "TermLLMStore",
      dependencies: [
        "SessionModel", "SessionCoding", "SessionFormats", "JSONText", "FileIO",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ],
      path: "Sources/SessionStores/SQLite", swiftSettings: strict),
    .target(
      name: "Conversion",
      dependencies: ["SessionModel", "SessionCoding", "SessionValidation", "JSONText", "FileIO"],
      swiftSettings: strict),
    .target(
      name: "Archive",
      dependencies: ["CDeflate", "CZlib", "FileIO"],
      swiftSettings: strict),
    .target(
      name: "Bundles",
      dependencies: [
        "Archive", "Conversion", "SessionModel", "SessionCoding", "JSONText", "FileIO",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "carryover",
      dependencies: [
        "SessionModel", "SessionCoding", "SessionValidation", "SessionFormats", "Conversion",
        "Bundles", "JSONText", "FileIO", "GGCodeStore", "TermLLMStore",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "JSONTextTests", dependencies: ["JSONText", "CByteMasks"], swiftSettings: strict),
    .testTarget(
      name: "SessionFormatsTests",
      dependencies: [
        "SessionFormats", "SessionCoding", "SessionModel", "JSONText", "FileIO", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .testTarget(name: "FileIOTests", dependencies: ["FileIO"], swiftSettings: strict),
    .testTarget(
      name: "SessionValidationTests",
      dependencies: ["SessionValidation", "SessionCoding", "SessionModel", "JSONText"],
      swiftSettings: strict),
    .target(
      name: "TestSupport",
      dependencies: ["FileIO", "JSONText", "SessionModel", "SessionCoding"],
      path: "Tests/TestSupport",
      swiftSettings: strict),
    .testTarget(
      name: "GGCodeStoreTests",
      dependencies: ["GGCodeStore", "SessionModel", "JSONText", "FileIO", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "TermLLMStoreTests",
      dependencies: [
        "TermLLMStore", "SessionFormats", "SessionModel", "JSONText", "FileIO", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "store-speed",
      dependencies: ["GGCodeStore", "TermLLMStore", "SessionFormats", "FileIO"],
      path: "Benchmarks/store-speed", swiftSettings: strict),
    .executableTarget(
      name: "StoreWriter", dependencies: ["GGCodeStore", "TermLLMStore"],
      path: "Tests/StoreWriter", swiftSettings: strict),
    .testTarget(
      name: "StoreConcurrencyTests",
      dependencies: [
        "GGCodeStore", "TermLLMStore", "StoreWriter", "FileIO", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "MarkdownTests",
      dependencies: [
        "SessionFormats", "SessionCoding", "SessionModel", "Conversion", "JSONText", "FileIO",
        "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ConversionTests",
      dependencies: [
        "Conversion", "SessionFormats", "SessionCoding", "SessionModel", "JSONText", "FileIO",
        "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "Bundles", "Conversion", "SessionFormats", "SessionCoding", "SessionModel", "JSONText",
        "FileIO", "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ArchiveTests", dependencies: ["Archive", "FileIO", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "BundleTests",
      dependencies: [
        "Bundles", "Archive", "Conversion", "SessionFormats", "SessionCoding", "SessionModel",
        "JSONText", "FileIO", "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "carryover", "Bundles", "Conversion", "SessionFormats", "SessionCoding", "SessionModel",
        "TestSupport", "JSONText", "FileIO",
      ],
      swiftSettings: strict),
  ]
)
