package import SessionCoding

extension Finding {
  /// That what an earlier conversion stored with a session cannot be used.
  package static var unreadableCarry: Finding {
    Finding(
      rule: "carry.unreadable", severity: .warning,
      message:
        "the stored carry is unreadable or of another version; converting the session as it is "
        + "now (the original bytes cannot be restored)",
      isSalvaged: true)
  }

  /// That what an earlier conversion stored with a session is not what it stored any more.
  package static var damagedCarry: Finding {
    Finding(
      rule: "carry.damaged", severity: .warning,
      message:
        "the stored carry is damaged; what cannot be restored from it is converted as it is now",
      isSalvaged: true)
  }

  /// That the tool here replaced earlier messages by a summary.
  static var compactedElsewhere: Finding {
    Finding(
      rule: "carry.compacted", severity: .info,
      message:
        "the tool replaced earlier messages by a summary; they come back as history before it",
      isSalvaged: true)
  }

  /// That a session which goes to a third tool comes back from there without its own carry.
  static var carryStays: Finding {
    Finding(
      rule: "carry.stays", severity: .info,
      message: "what a conversion stored with the session about its original stays here and is not "
        + "taken along",
      isSalvaged: true)
  }

  /// That a session comes back from a third tool without the carry that it had.
  static var carryNotReturned: Finding {
    Finding(
      rule: "carry.not-returned", severity: .warning,
      message:
        "what a conversion had stored with the session about its original does not come back "
        + "with it; keep the session as it was for its way back",
      isSalvaged: true)
  }
}
