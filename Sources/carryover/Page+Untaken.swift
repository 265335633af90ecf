internal import Bundles

extension Page {
  /// How many places are named; there may be thousands.
  private static let mostPlaces = 8

  /// Says what of the stores is not in a bundle.
  mutating func print(untaken: [BackupReport.Untaken]) throws(Ending) {
    guard !untaken.isEmpty else { return }
    let total = untaken.reduce(0) { $0 + $1.files }
    let largest = untaken.sorted { ($1.files, $0.place) < ($0.files, $1.place) }
    var parts = largest.prefix(Self.mostPlaces).map {
      "\($0.place == "." ? "the store's folder itself" : $0.place) (\($0.files))"
    }
    if untaken.count > parts.count { parts.append("\(untaken.count - parts.count) more folders") }
    try print(
      "Not taken: \(Wording.count(total, "file")) in " + parts.joined(separator: ", ")
        + "; they belong to no session")
  }
}
