internal import SessionCoding

/// Which names can be session identifiers.
package enum GGCodeName {
  /// What current releases accept: `[A-Za-z0-9_-]{1,128}`, not starting with `-`.
  package static func isSafe(_ id: String) -> Bool {
    (1...128).contains(id.utf8.count) && !id.hasPrefix("-")
      && id.unicodeScalars.allSatisfy { scalar in
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
      }
  }

  /// Whether a file can be named by the identifier and stays in the folder.
  static func isFileName(_ id: String) -> Bool {
    id.utf8.count <= 180 && id.utf8.allSatisfy { $0 != UInt8(ascii: "/") && $0 >= 0x20 }
  }

  /// The identifier itself when it is legal, else a legal one derived from it.
  static func identifier(for id: String) -> String { isSafe(id) ? id : DerivedName.name(for: id) }
}
