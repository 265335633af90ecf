internal import SessionCoding

/// How a session comes back to a format that it was in before: the carry that gives its originals.
struct WayBack {
  /// The header of that carry.
  let header: CarryHeader
  /// Whether the session had the carry before a later conversion added to it, which passed it on.
  private let isPassedOn: Bool
  private let source: any SessionSource
  private let id: String

  /// Looks for the carry of a session that gives originals of a format; nil when there is none.
  init?(
    of id: String, in source: any SessionSource, _ header: CarryHeader?, to format: String
  ) throws(FormatError) {
    self.source = source
    self.id = id
    guard let header else { return nil }
    if header.format == format, header.hasItems {
      self.header = header
      isPassedOn = false
    } else if header.own.first == format,
      let own = try Self.carry(of: id, in: source)?.passedOn(ofOriginals: false)?.header.header,
      own.hasItems
    {
      self.header = own
      isPassedOn = true
    } else {
      return nil
    }
  }

  private static func carry(
    of id: String, in source: any SessionSource
  ) throws(FormatError) -> CarryCursor? {
    try source.reader(for: id).carry()
  }

  /// The items, from the first one on.
  func items() throws(FormatError) -> CarryCursor? {
    let carry = try Self.carry(of: id, in: source)
    return isPassedOn ? try carry?.passedOn(ofOriginals: false) : carry
  }

  /// What the session that comes back had as its own carry, and gets back.
  func returned() throws(FormatError) -> CarryCursor? {
    try items()?.passedOn(ofOriginals: true)
  }

  /// What goes on with the records that were added here, should these come here again.
  func added() throws(FormatError) -> CarryCursor? {
    let carry = try Self.carry(of: id, in: source)
    return isPassedOn ? carry : try carry?.passedOn(ofOriginals: false)
  }
}

extension CarryHeader {
  /// The format through which a session comes back to another one, step by step; nil when it does not,
  /// or comes back directly.
  func step(to format: String) -> String? {
    if self.format == format || own.first == format { return nil }
    if chain.contains(format) { return self.format }
    return own.contains(format) ? own.first : nil
  }

  /// The formats that a session with this carry comes back to.
  var formats: [String] { [format] + chain }
}
