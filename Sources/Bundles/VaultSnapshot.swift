internal import Archive
internal import FileIO
internal import JSONText
internal import SessionCoding
public import SessionModel

/// What a vault held after a run: a list of the newest states of all sessions.
public struct VaultSnapshot: Sendable {
  /// The state of one session, or of what belongs to a store.
  struct State: Sendable, Hashable {
    /// The session, or the store.
    var identity: BundleEntry.Identity
    /// The folder in its pack.
    var path: String
    /// What tells it from other states, see ``BundleEntry/state``.
    var state: String
  }

  /// The name, which is the time of the run: `20260301T090000Z`.
  public var name: String
  /// When the run was.
  public var time: Timestamp
  /// The name of the machine that it ran on.
  public var host: String
  /// The number of sessions.
  public var sessions: Int
  /// The size of their files.
  public var bytes: UInt64
  /// The program that made it.
  var agent: String
  var states: [State]

  /// The list of entries.
  init(_ entries: [BundleEntry], name: String, at time: Timestamp, agent: String) {
    self.name = name
    self.time = time
    self.agent = agent
    host = hostName()
    let ofSessions = entries.filter { $0.kind == .session }
    sessions = ofSessions.count
    bytes = ofSessions.reduce(0) { $0 &+ $1.bytes }
    states = entries.map(\.place).sorted { BagManifest.precedes($0.path, $1.path) }
  }

  /// The end of its file's name.
  static let suffix = ".jsonl.gz"

  /// Reads a snapshot's file.
  ///
  /// - Throws: `.damaged` when it is none, or is not whole.
  init(name: String, file: ArchiveFile, at path: String) throws(FormatError) {
    let file = try file.open()
    let bytes = try reading(path) { () throws(ArchiveError) in
      let stream = try ArchiveStream(file)
      var bytes: [UInt8] = []
      while let piece = try stream.next() {
        guard bytes.count + piece.count <= 256 << 20 else {
          throw ArchiveError(.limit, "the list is larger than any vault's")
        }
        bytes += piece
      }
      return bytes
    }
    var lines = bytes.split(separator: 0x0A)[...]
    guard let head = lines.popFirst().flatMap({ JSONDocument(ifValid: Array($0)) })?.root,
      let time = head["time"]?.string.flatMap({ Timestamp(rfc3339: $0.string) }),
      head["v"]?.int64 == 1
    else {
      throw FormatError(
        .damaged, "this is no list of a vault that this version reads", at: .file(path: path))
    }
    self.name = name
    self.time = time
    host = head["host"]?.string?.string ?? ""
    agent = head["agent"]?.string?.string ?? ""
    sessions = head["sessions"]?.int64.flatMap { Int(exactly: $0) } ?? 0
    self.bytes = UInt64(clamping: head["bytes"]?.int64 ?? 0)
    states = []
    for line in lines {
      guard let document = JSONDocument(ifValid: Array(line)),
        let place = document.root["path"]?.string?.string,
        let state = document.root["state"]?.string?.string, BagPath.problem(place) == nil
      else {
        throw FormatError(.damaged, "a line of the list is damaged", at: .file(path: path))
      }
      let parts = place.split(separator: "/")
      let identity = BundleEntry.Identity(
        kind: parts.dropFirst().first == "stores" ? .store : .session,
        tool: parts.count > 2 ? String(parts[2]) : "",
        store: document.root["store"]?.string?.string ?? "",
        id: document.root["id"]?.string?.string ?? "")
      states.append(State(identity: identity, path: place, state: state))
    }
  }

  /// The file's bytes.
  var file: [UInt8] {
    var writer = JSONWriter(reserving: 256 + states.count * 96)
    writer.beginObject()
    writer.field("agent", agent)
    writer.field("bytes", Int64(clamping: bytes))
    writer.field("host", host)
    writer.field("sessions", sessions)
    writer.field("time", time.rfc3339)
    writer.field("v", 1)
    writer.endObject()
    writer.newline()
    for state in states {
      writer.beginObject()
      if !state.identity.id.isEmpty { writer.field("id", state.identity.id) }
      writer.field("path", state.path)
      writer.field("state", state.state)
      if !state.identity.store.isEmpty { writer.field("store", state.identity.store) }
      writer.endObject()
      writer.newline()
    }
    return GzipMember.pack(writer.bytes[...])
  }
}

extension BundleEntry {
  /// What tells a state of a session from others in the same folder.
  var state: String {
    missingState ?? BundleLayout.digestStart("\(rawDigest)\n\(filesDigest ?? "")", 16)
  }

  /// Where a vault finds this state.
  var place: VaultSnapshot.State {
    VaultSnapshot.State(identity: identity, path: path, state: state)
  }

  /// What a snapshot tells of a state that no pack holds.
  init(missing state: VaultSnapshot.State) {
    self.init(path: state.path, tool: state.identity.tool)
    kind = state.identity.kind
    store = state.identity.store
    sourceID = state.identity.id
    missingState = state.state
    if let dot = path.lastIndex(of: "."), path[dot...].hasPrefix(".r"),
      let number = Int(path[dot...].dropFirst(2))
    {
      revision = number
    }
  }
}
