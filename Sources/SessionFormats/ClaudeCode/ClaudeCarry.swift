internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Our own data of a session.
///
/// `{"type":"carryover","sessionId":…,"side":…,"carry":{…}}` in the session file is the header; the
/// program ignores records of unknown types without `uuid`, wherever they stand, and keeps them when
/// it appends. The chunks lie in the file `side` of the session's side folder, which it ignores too
/// (both observed with 2.1.329); in the session file they could push titles out of the parts that
/// lists look at.
enum ClaudeCarry {
  static let type = "carryover"
  /// How the record starts that we write; only such lines are ours.
  static let start = Array("{\"type\":\"carryover\"".utf8)

  static func markerLine(_ header: CarryHeader, sessionID: String, side: String?) -> [UInt8] {
    var writer = JSONWriter(reserving: 1_024)
    writer.beginObject()
    writer.field("type", type)
    writer.field("sessionId", sessionID)
    if let side { writer.field("side", side) }
    writer.field("carry", RawJSON(header.json[...]))
    writer.endObject()
    writer.newline()
    return writer.bytes
  }

  /// The name of the file with the chunks: one for each state of a session, so that a session that is
  /// replaced and the file of its new state never mix.
  static func fileName(_ id: String, content: Fingerprint) -> String {
    "carryover-\(ContentHash(Array("\(id) \(content)".utf8)[...]).hex).ndjson"
  }

  /// Whether a name is one that ``fileName(_:content:)`` gives.
  static func isFileName(_ name: String) -> Bool {
    name.hasPrefix("carryover-") && name.hasSuffix(".ndjson") && name.utf8.count == 33
  }

  /// The name of the file with the chunks that a marker states.
  static func side(of marker: JSONValue?) -> String? {
    marker?.text("side").flatMap { isFileName($0) ? $0 : nil }
  }

  /// What a session file that was read to its end tells of its carry.
  struct Found: Sendable {
    var header: StoredCarryHeader?
    /// The file with the chunks, when it is there.
    var path: String?
    /// Whether there should be such a file.
    var isLost = false
  }

  static func find(
    _ stream: ClaudeLineStream, _ file: ClaudeFile, _ content: Fingerprint
  ) -> Found {
    func isFile(_ name: String) -> Bool {
      // What cannot be looked at is told as missing.
      (try? FileStatus(path: file.sideFolder + "/" + name))??.kind == .file
    }
    guard file.staged == nil else { return Found() }
    guard let marker = stream.marker else {
      // Without our record, the file with the chunks tells that there was one.
      let isBroken = stream.hasBrokenMarker || isFile(fileName(file.id, content: content))
      return Found(header: isBroken ? .unreadable([]) : nil)
    }
    let stored = StoredCarryHeader(marker["carry"])
    guard var header = stored.header, header.hasItems else { return Found(header: stored) }
    if let name = side(of: marker), isFile(name) {
      return Found(header: stored, path: file.sideFolder + "/" + name)
    }
    // Without a single chunk there is no such file.
    guard marker["side"] != nil else { return Found(header: stored) }
    header.items = nil
    return Found(header: .readable(header), isLost: true)
  }

  /// - Parameter longest: How long a line may be; one that is longer makes the carry unusable.
  static func cursor(_ found: Found, longest: Int) throws(FormatError) -> CarryCursor? {
    guard let header = found.header else { return nil }
    guard let path = found.path else {
      return CarryCursor(header: header) { () throws(FormatError) in nil }
    }
    let chunks = try CarryLines(path: path, longest: longest)
    return CarryCursor(header: header) { () throws(FormatError) in try chunks.next() }
  }
}
