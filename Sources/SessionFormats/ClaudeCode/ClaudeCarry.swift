internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Our own data of a session.
///
/// `{"type":"carryover","sessionId":…,"side":…,"carry":{…}}` in the session file is the header; the
/// program ignores records of unknown types without `uuid`, wherever they stand, and keeps them when
/// it appends. The items lie in the file `side` of the session's side folder, which it ignores too
/// (both observed with 2.1.329); in the session file they could push titles out of the parts that
/// lists look at.
enum ClaudeCarry {
  static func markerLine(_ header: CarryHeader, sessionID: String, side: String?) -> [UInt8] {
    var writer = JSONWriter(reserving: 1_024)
    writer.beginObject()
    writer.field("type", "carryover")
    writer.field("sessionId", sessionID)
    if let side { writer.field("side", side) }
    writer.field("carry", RawJSON(header.json[...]))
    writer.endObject()
    writer.newline()
    return writer.bytes
  }

  /// The name of the file with the items: one for each state of a session, so that a session that is
  /// replaced and the file of its new state never mix.
  static func fileName(_ id: String, content: Fingerprint) -> String {
    "carryover-\(ContentHash(Array("\(id) \(content)".utf8)[...]).hex).ndjson"
  }

  /// Whether a name is one that ``fileName(_:content:)`` gives.
  static func isFileName(_ name: String) -> Bool {
    name.hasPrefix("carryover-") && name.hasSuffix(".ndjson") && name.utf8.count == 33
  }

  /// The file with the items; nil when it is missing or of another state.
  static func path(_ marker: JSONValue?, _ file: ClaudeFile) -> String? {
    guard let name = marker?["side"]?.string?.string, isFileName(name) else { return nil }
    let path = file.sideFolder + "/" + name
    return (try? FileStatus(path: path))??.kind == .file ? path : nil
  }

  /// - Parameter longest: How long a line may be; one that is longer makes the carry unusable.
  static func cursor(
    _ file: ClaudeFile, _ scan: ClaudeScan, longest: Int
  ) throws(FormatError) -> CarryCursor? {
    guard let header = scan.carry else { return nil }
    guard let path = scan.carryPath else {
      return CarryCursor(header: header) { () throws(FormatError) in nil }
    }
    let chunks = try CarryLines(path: path, longest: longest)
    return CarryCursor(header: header) { () throws(FormatError) in try chunks.next() }
  }
}
