import JSONText
import SessionCoding
import SessionModel

@testable import SessionFormats

/// A tool that keeps each session in `talks/<id>.jsonl`, one line for each thing said.
struct NotesFormat: WritableFileFormat {
  typealias Decoder = NotesDecoder
  typealias Encoder = NotesEncoder

  static let id = "notes"

  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Notes", summary: "folder with talks/<id>.jsonl",
      carry: "a file beside the session's own")
  }

  var layout: FileLayout { FileLayout(patterns: ["talks/*.jsonl"]) { $0 } }

  func path(of id: String, _ head: SessionHead) -> String { "talks/\(id).jsonl" }
}

/// Reads `{"who":"user","text":"…"}`.
struct NotesDecoder: RecordDecoder {
  var head: SessionHead
  var firstPrompt: String?
  var log = FindingLog(NotesFormat.id)

  static func recognizes(_ first: JSONValue) -> Bool { first.text("who") != nil }

  static func id(in first: JSONValue) -> String? { nil }

  init(_ session: LocatedSession) { head = SessionHead(id: session.id) }

  mutating func scan(_ object: JSONValue, _ record: NativeRecord) {
    if object.text("who") == "user" { firstPrompt = firstPrompt ?? object.text("text") }
    if object["text"] == nil { log.add("text", .warning, record.place, "nothing is said") }
  }

  mutating func finishScan() {}

  func decode(_ object: JSONValue, _ record: NativeRecord) -> [Entry] {
    guard let who = object.text("who"), let text = object["text"]?.string else { return [] }
    return [
      Entry(
        .message(
          Message(
            role: Role(who), blocks: [.text(Block.Text(text))],
            extras: object.extras(of: NotesFormat.id, except: ["who", "text"]))))
    ]
  }
}

/// Writes texts; what else a message holds is left to the carry.
struct NotesEncoder: LineEncoder {
  init(_ head: SessionHead, id: String) {}

  func follow(_ object: JSONValue) {}

  func write(_ entry: Entry, to json: inout JSONWriter) -> Int {
    guard case .message(let message) = entry.content, entry.isEffective else { return 0 }
    let texts = message.blocks.compactMap(\.plainText)
    for text in texts {
      json.beginObject()
      json.field("who", message.role.name)
      json.field("text", text)
      json.extras(message.extras, of: NotesFormat.id)
      json.endObject()
      json.newline()
    }
    return texts.count
  }

  func finish(to json: inout JSONWriter) -> Int { 0 }
}
