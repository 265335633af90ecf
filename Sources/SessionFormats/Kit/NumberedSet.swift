/// Values by number, in the order in which they were first seen.
struct NumberedSet<Element: Hashable & Sendable>: Sendable {
  /// The values, each at its number.
  private(set) var elements: [Element] = []
  private var numbers: [Element: Int32] = [:]

  /// The number of a value; nil if it was never seen.
  func find(_ element: Element) -> Int32? { numbers[element] }

  /// The number of a value, which gets the next one if it has none.
  mutating func insert(_ element: Element) -> (number: Int32, isNew: Bool) {
    let next = Int32(clamping: elements.count)
    if let number = numbers[element] { return (number, false) }
    numbers[element] = next
    elements.append(element)
    return (next, true)
  }

  subscript(_ number: Int) -> Element { elements[number] }
}
