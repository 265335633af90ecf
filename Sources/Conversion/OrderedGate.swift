/// Lets tasks through one at a time, in the order of their numbers from 0 on.
actor OrderedGate {
  private var current = 0
  private var waiting: [Int: CheckedContinuation<Void, Never>] = [:]

  /// Waits until all tasks with lower numbers have left.
  func enter(_ number: Int) async {
    if number > current { await withCheckedContinuation { waiting[number] = $0 } }
  }

  /// Lets the next task through; each number that entered MUST leave once.
  func leave() {
    current += 1
    waiting.removeValue(forKey: current)?.resume()
  }
}
