internal import FileIO

/// The seed of this run's random choices, which is printed.
///
/// It is the same in each run, so that what passed here passes elsewhere, and a new one in a deep run.
/// `CARRYOVER_TEST_SEED` names another one.
public let testSeed: UInt64 = {
  let seed =
    environmentVariable("CARRYOVER_TEST_SEED").flatMap { UInt64($0) }
    ?? (isDeepRun ? UInt64.random(in: 0..<(1 << 40)) : 20_260_301)
  print("CARRYOVER_TEST_SEED=\(seed)")
  return seed
}()

/// Whether long series of tests run whole, as with `scripts/test --deep`; else they are samples.
public let isDeepRun = ["1", "true"].contains(environmentVariable("CARRYOVER_ALL_PAIRS") ?? "")
