internal import Bundles

extension Page {
  /// How many files of each kind are named.
  private static let mostFiles = 20

  /// Prints what a restoration would do to the files of a destination.
  mutating func print(
    preview store: RestorationReport.Store, isVerbose: Bool
  ) throws(Ending) {
    let limit = isVerbose ? Int.max : Self.mostFiles
    for state in RestorePreview.State.allCases {
      let files = store.preview.filter { $0.state == state }
      guard !files.isEmpty else { continue }
      try print("\(Wording.count(files.count, "file")) \(Self.meaning(of: state)):")
      for file in files.prefix(limit) { try print("  \(file.path)") }
      if files.count > limit { try print("  and \(files.count - limit) more (--verbose)") }
    }
    for folder in store.folders {
      try print("\(folder.old): \(folder.new.map { "becomes \($0)" } ?? "stays as it is")")
    }
  }

  private static func meaning(of state: RestorePreview.State) -> String {
    switch state {
    case .new: "would be written"
    case .same: "there already, with the same content"
    case .added: "there, and what is missing would be added to it"
    case .other: "there with other content"
    }
  }
}
