/// Runs work on several items at once and gives the results in the order of the items.
func inOrder<Item: Sendable, Result: Sendable>(
  _ items: [Item], jobs: Int, _ work: @escaping @Sendable (Item) -> Result
) async -> [Result] {
  guard jobs > 1, items.count > 1 else { return items.map(work) }
  return await withTaskGroup(of: (Int, Result).self) { group in
    var next = 0
    func start() {
      guard next < items.count else { return }
      let index = next
      let item = items[index]
      next += 1
      group.addTask { @concurrent in (index, work(item)) }
    }
    for _ in 0..<jobs { start() }
    var results: [Int: Result] = [:]
    while let (index, result) = await group.next() {
      results[index] = result
      start()
    }
    return items.indices.compactMap { results[$0] }
  }
}
