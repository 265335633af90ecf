internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The single JSON document of the TypeScript program of April to June 2025.
///
/// `{"session":{"timestamp","id","instructions"},"items":[…]}`; each item is one record, with the
/// bytes up to the next one.
struct CodexDocument {
  let document: JSONDocument
  /// The end of each record, the one before the first item first.
  private(set) var ends: [Int] = []
  private(set) var items: [JSONValue] = []
  var session: JSONValue? { document.root["session"] }

  /// Nil when the bytes are no such document.
  init?(_ bytes: [UInt8], maximumDepth: Int = 512) {
    guard
      let document = JSONDocument(ifValid: bytes, limits: JSONLimits(maximumDepth: maximumDepth)),
      document.root["session"]?.kind == .object, let items = document.root["items"],
      items.kind == .array
    else { return nil }
    self.document = document
    for item in items.elements {
      ends.append(item.range.lowerBound)
      self.items.append(item)
    }
    ends.append(bytes.count)
  }
}

/// Reads a single document.
final class CodexDocumentReader: SessionReader {
  let head: SessionHead
  let findings: [Finding] = []
  private let path: String
  private let content: CodexDocument
  private var position = -1
  private var start = 0

  init(path: String, id: String, relativePath: String?, options: ReadOptions) throws(FormatError) {
    self.path = path
    let bytes: [UInt8]
    let longest = options.maximumRecordLength
    do throws(FileError) {
      bytes = try readFile(path, limit: longest)
    } catch {
      // Without a size the first failure is reported.
      guard error.code == .fileTooLarge, let size = (try? FileStatus(path: path))??.size else {
        throw FormatError(reading: error)
      }
      // It is one record: without its end nothing of it can be read.
      throw .tooLong(
        "the session is a single JSON document that", Int(clamping: size), at: .file(path: path))
    }
    guard let content = CodexDocument(bytes, maximumDepth: options.maximumDepth) else {
      throw FormatError(
        .damaged, "the file is not a whole JSON document with a session", at: .file(path: path),
        advice: "a file of this age that is cut off cannot be read in part")
    }
    self.content = content
    var head = content.session.map { CodexHead.head($0, id: id, time: nil) } ?? SessionHead(id: id)
    if let relativePath { head.extras.addCodex(CodexExtra.path, text: relativePath) }
    head.messageCount = content.items.lazy.filter { CodexItem($0).message != nil }.count
    self.head = head
  }

  func next() throws(FormatError) -> Entry? {
    guard position < content.items.count else { return nil }
    let end = content.ends[position + 1]
    let bytes = content.document.bytes[start..<end]
    let place = Place.line(path: path, line: position + 2, byte: UInt64(start))
    let origin = Origin(format: Codex.id, bytes: bytes)
    let item = position >= 0 ? content.items[position] : nil
    start = end
    position += 1
    guard let item else { return Entry(.headChange(head), origin: origin, place: place) }
    guard let message = CodexItem(item).message else {
      let type = item["type"]?.string?.string
      return Entry(
        .opaque(OpaqueRecord(format: Codex.id, type: type, bytes: bytes)), isEffective: false,
        origin: origin, place: place)
    }
    return Entry(.message(message), origin: origin, place: place)
  }

  func carry() throws(FormatError) -> CarryCursor? { nil }
}
