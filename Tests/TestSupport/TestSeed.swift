internal import FileIO

/// The seed of this run's random choices, which is printed: a new one each time, or the one that
/// `CARRYOVER_TEST_SEED` names to repeat a failure.
public let testSeed: UInt64 = {
  let seed =
    environmentVariable("CARRYOVER_TEST_SEED").flatMap { UInt64($0) }
    ?? UInt64.random(in: 0..<(1 << 40))
  print("CARRYOVER_TEST_SEED=\(seed)")
  return seed
}()

/// Whether long series of tests run whole, as with `scripts/test --deep`; else they are samples.
public let isDeepRun = ["1", "true"].contains(environmentVariable("CARRYOVER_ALL_PAIRS") ?? "")
