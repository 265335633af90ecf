internal import FileIO
internal import JSONText
internal import SessionCoding

/// Tells sessions that nobody touched since an earlier run by their files alone, as rsync does.
///
/// What is kept of a session is the size, time and inode of each of its files, on both sides, from when
/// a run found or made them alike. It lies in one file for each pair of stores. Of two runs that write
/// it at the same time the last one counts; losing it costs a run that reads.
struct QuickCheck {
  /// Size, modification time in seconds and nanoseconds, inode and device; empty for no file.
  private typealias Stamp = [Int64]

  /// A session that was alike on both sides.
  private struct Known {
    /// Its identifier in the target.
    var target: String
    var files: [String: Stamp]
  }

  /// Files that changed so few seconds before the look may change again without a new time.
  private static let settlingTime: Int64 = 2

  private static let version = 1

  private let folder: String
  /// The first line of the file: what a run has to agree on with the earlier one.
  private let key: [UInt8]
  private var known: [String: Known] = [:]
  /// The source's files, from before anything was read; nil where they had just been written.
  private var looks: [String: [String: Stamp]] = [:]

  private var path: String { "\(folder)/\(ContentDigest.hex(of: key).prefix(32)).jsonl" }

  /// Reads what earlier runs of the same kind kept.
  ///
  /// - Parameters:
  ///   - folder: Where such files are kept.
  ///   - parts: What tells this kind of run from others: both stores, their formats, and all switches
  ///     that have a say in what is written.
  init(in folder: String, for parts: [String]) {
    var writer = JSONWriter()
    writer.beginArray()
    writer.int(Self.version)
    for part in parts { writer.string(part) }
    writer.endArray()
    self.folder = folder
    key = writer.bytes
    // Without it every session is read.
    if let bytes = try? readFile(path) { load(bytes) }
  }

  /// Looks at the files of a session of the source, before anything is read.
  ///
  /// - Returns: The identifier that the session has in the target, if both are what they were.
  mutating func look(at session: ListedSession) -> String? {
    guard let files = Self.stamps(of: session.files) else { return nil }
    if Self.areSettled(files) { looks[session.id] = files }
    guard let known = known[session.id],
      files.allSatisfy({ known.files[$0] == $1 }),
      Self.stamps(of: Array(known.files.keys)) == known.files
    else { return nil }
    return known.target
  }

  /// Notes that a session was found or made alike on both sides.
  ///
  /// - Parameter files: Those of the target.
  private mutating func note(_ id: String, as target: String, in files: [String]) {
    known[id] = nil
    guard let source = looks[id], let there = Self.stamps(of: files), Self.areSettled(there)
    else { return }
    known[id] = Known(target: target, files: source.merging(there) { first, _ in first })
  }

  /// Notes what became of all sessions of a run, and keeps it for later ones.
  mutating func note(_ sessions: [SessionReport]) {
    for session in sessions where !session.isQuick {
      if let target = session.target, session.isAlike {
        note(session.source, as: target, in: session.files)
      } else {
        known[session.source] = nil
      }
    }
    save()
  }

  private func save() {
    var writer = JSONWriter(reserving: 64 + known.count * 256)
    writer.raw(RawJSON(key[...]))
    writer.newline()
    for (id, session) in known.sorted(by: { $0.key < $1.key }) {
      writer.beginObject()
      writer.field("id", id)
      writer.field("target", session.target)
      writer.key("files")
      writer.beginArray()
      for (path, stamp) in session.files.sorted(by: { $0.key < $1.key }) {
        writer.beginArray()
        writer.string(path)
        for number in stamp { writer.int(number) }
        writer.endArray()
      }
      writer.endArray()
      writer.endObject()
      writer.newline()
    }
    do throws(FileError) {
      try createDirectory(folder, permissions: 0o700, intermediates: true)
      var output = try AtomicOutput(replacing: path)
      try output.write(writer.bytes)
      try output.commit()
    } catch {
      // The conversion is done; the next run reads the sessions.
      return
    }
  }

  private mutating func load(_ bytes: [UInt8]) {
    var lines = bytes.split(separator: UInt8(ascii: "\n"))[...]
    guard let first = lines.popFirst(), first.elementsEqual(key) else { return }
    for line in lines {
      guard let document = JSONDocument(ifValid: Array(line)),
        let id = document.root["id"]?.string?.string,
        let target = document.root["target"]?.string?.string,
        let files = document.root["files"], files.kind == .array
      else { continue }
      var session = Known(target: target, files: [:])
      for file in files.elements where file.kind == .array {
        guard let path = file.elements.first(where: { _ in true })?.string?.string else { continue }
        session.files[path] = file.elements.dropFirst().compactMap(\.int64)
      }
      if !session.files.isEmpty { known[id] = session }
    }
  }

  /// The stamp of each file; nil when one cannot be looked at.
  private static func stamps(of files: [String]) -> [String: Stamp]? {
    var found: [String: Stamp] = [:]
    for file in files where found[file] == nil {
      do throws(FileError) {
        found[file] =
          try FileStatus(path: file).map { status in
            [
              Int64(clamping: status.size), status.modified.seconds,
              Int64(status.modified.nanoseconds), Int64(bitPattern: status.inode),
              Int64(bitPattern: status.device),
            ]
          } ?? []
      } catch {
        // The run reads the session, and says why it cannot.
        return nil
      }
    }
    return found
  }

  /// Whether all files have been left alone for a while.
  private static func areSettled(_ files: [String: Stamp]) -> Bool {
    let limit = SystemClock.now.seconds - settlingTime
    return files.values.allSatisfy { $0.isEmpty || $0[1] < limit }
  }
}

extension SessionReport {
  /// Whether the target holds all that the source does, and nothing else.
  fileprivate var isAlike: Bool {
    (status == .written || status == .unchanged) && reason == nil
      && !losses.contains { $0.code == LeftOutRecords.rule }
  }
}
