import FileIO

/// A directory for one test, removed afterwards.
struct Scratch: ~Copyable {
  private let directory: StagedDirectory

  init() throws {
    let parent = environmentVariable("TMPDIR") ?? "/tmp"
    directory = try StagedDirectory(nextTo: parent + "/fileio-tests")
  }

  var path: String { directory.path }

  func callAsFunction(_ name: String) -> String { directory.path(of: name) }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    var output = try AtomicOutput(replacing: self(name))
    try output.write(bytes)
    try output.commit(durable: false)
    return self(name)
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }

  func names() throws -> [String] { try listDirectory(path).map(\.name) }
}

func text(_ path: String) throws -> String {
  String(decoding: try readFile(path), as: UTF8.self)
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The seed of a test's random choices, which is printed: see `testSeed` of the test support.
func testSeed(_ name: String) -> UInt64 {
  let isDeep = ["1", "true"].contains(environmentVariable("CARRYOVER_ALL_PAIRS") ?? "")
  let seed =
    environmentVariable("CARRYOVER_TEST_SEED").flatMap { UInt64($0) }
    ?? (isDeep ? UInt64.random(in: 0...UInt64(UInt32.max)) : 20_260_301)
  print("\(name): CARRYOVER_TEST_SEED=\(seed)")
  return seed
}
