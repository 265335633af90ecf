/// Tells names apart that are equal as texts, such as two spellings of one letter.
struct DistinctNames {
  private var taken: Set<String> = []

  /// The name, or the name with the first number from 2 on that makes it another one.
  mutating func next(_ name: String) -> String {
    if taken.insert(name).inserted { return name }
    var number = 2
    while !taken.insert("\(name)-\(number)").inserted { number += 1 }
    return "\(name)-\(number)"
  }
}
