internal import Bundles
internal import FileIO
internal import JSONText
internal import SessionModel

extension VaultSnapshot {
  /// When it was made, as the clock on the wall here showed it.
  var localTime: Timestamp {
    var time = time
    time.offset = SystemClock.localOffset(at: time.seconds)
    return time
  }
}

extension JSONWriter {
  /// A snapshot as one object.
  mutating func snapshot(_ snapshot: VaultSnapshot, reasons: [String]? = nil) {
    beginObject()
    field("name", snapshot.name)
    field("time", snapshot.time.rfc3339)
    field("host", snapshot.host)
    field("sessions", snapshot.sessions)
    key("bytes")
    uint(snapshot.bytes)
    if let reasons {
      field("kept", !reasons.isEmpty)
      key("reasons")
      beginArray()
      for reason in reasons { string(reason) }
      endArray()
    }
    endObject()
  }

  /// A revision as one object, without its end.
  mutating func beginRevision(_ revision: VaultRevision) {
    let entry = revision.entry
    beginObject()
    field("format", entry.tool)
    field("id", entry.sourceID)
    field("revision", entry.revision)
    optional("title", entry.title)
    optional("workspace", entry.workspace)
    optional("created", entry.created)
    optional("updated", entry.updated)
    if let messages = entry.messages { field("messages", messages) }
    key("bytes")
    uint(entry.bytes)
    field("first_snapshot", revision.first.name)
    field("last_snapshot", revision.last.name)
    field("there", revision.isThere)
  }
}
