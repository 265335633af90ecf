internal import Archive

/// Gives the files of a session their names in `raw/`: their places in the store, where the rules for
/// paths of a bundle allow these, else names that are made from them.
struct RawNames {
  private var files: Set<String>
  private var folders: Set<String> = []
  private let longest: Int
  private var count = 0

  /// The length of `/raw/` and of a revision after the session's folder.
  private static let reserved = 12

  /// - Parameters:
  ///   - folder: The session's folder in the bag.
  ///   - taken: Paths from that folder that are not to be used.
  init(in folder: String, taken: [String]) {
    longest = BagPath.longest - folder.utf8.count - Self.reserved
    files = Set(taken.map { BagPath.folded(String($0.dropFirst("raw/".count))) })
  }

  mutating func name(for place: String) -> String {
    count += 1
    let isAllowed = place.utf8.count <= longest && BagPath.problem(place) == nil
    if isAllowed, insert(place) { return place }
    let name = "original-\(count)-\(BundleLayout.digestStart(place, 16))"
    files.insert(name)
    return name
  }

  /// Takes a name, unless a file has it, or it would be in a file or be a folder with files.
  private mutating func insert(_ place: String) -> Bool {
    let folded = BagPath.folded(place)
    let above = folded.indices.filter { folded[$0] == "/" }.map { String(folded[..<$0]) }
    guard !files.contains(folded), !folders.contains(folded), files.isDisjoint(with: above) else {
      return false
    }
    files.insert(folded)
    folders.formUnion(above)
    return true
  }
}
