internal import SessionCoding

extension Page {
  /// Prints what was left out because it grants access.
  mutating func print(omissions: [Omission]) throws(Ending) {
    for omission in omissions {
      try print(
        "left out: \(omission.format) \(omission.name), "
          + "\(Wording.count(omission.count, "record")) that "
          + (omission.count == 1 ? "grants access" : "grant access"), .yellow)
    }
  }
}
