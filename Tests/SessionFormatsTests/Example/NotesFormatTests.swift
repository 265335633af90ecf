import Foundation
import JSONText
import SessionCoding
import SessionModel
import TestSupport
import Testing

@testable import SessionFormats

/// The example of CONTRIBUTING.md: it is the code that is tested here, and it works.
@Suite struct NotesFormatTests {
  private static let project = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Self.project.appendingPathComponent(path), encoding: .utf8)
  }

  @Test func `the example in CONTRIBUTING.md is the code of the test`() throws {
    let code = try text("Tests/SessionFormatsTests/Example/NotesFormat.swift")
    let shown = code.split(separator: "\n", omittingEmptySubsequences: false)
      .drop { !$0.hasPrefix("/// A tool") }.joined(separator: "\n")
    #expect(try text("CONTRIBUTING.md").contains("```swift\n\(shown)```"))
  }

  @Test func `the example reads what it writes`() throws {
    let folder = try TemporaryFolder()
    let format = NotesFormat()
    let target = try format.target(
      at: folder.path("notes"), options: WriteOptions(isDurable: false))
    let head = SessionHead(id: "one")
    let writer = try target.writer(for: head, id: "one")
    let said = Message(role: .user, blocks: [.text(Block.Text("Good day"))])
    #expect(try writer.write(Entry(.message(said))) == 1)
    try writer.finishEntries()
    try writer.publish(header: nil)
    try target.publish()

    #expect(format.recognizes(folder.path("notes")))
    let source = try format.open(folder.path("notes"), options: ReadOptions())
    #expect(try source.sessions().map(\.title) == ["Good day"])
    let reader = try source.reader(for: "one")
    guard case .message(let message)? = try reader.next()?.content else {
      Issue.record("no message")
      return
    }
    #expect(message.blocks == said.blocks)
    #expect(try reader.next() == nil)
  }

  /// CONTRIBUTING.md says how many members a format must have.
  @Test func `the members that a format must have are counted`() throws {
    let kit = "Sources/SessionFormats/Kit/"
    let reading =
      try required("RecordDecoder", in: kit + "RecordDecoder.swift")
      + required("FileFormat", in: kit + "FileFormat.swift") + 1
    let writing =
      try required("LineEncoder", in: kit + "LineEncoder.swift")
      + required("RestorableFileFormat", in: kit + "RestorableFileFormat.swift")
    let contributing = try text("CONTRIBUTING.md")
    #expect(
      contributing.contains("\(reading) members to read, \(writing) more to write"),
      "\(reading) to read, \(writing) more to write")
  }

  /// The members of a protocol that no extension in its file gives.
  private func required(_ name: String, in path: String) throws -> Int {
    let code = try text(path)
    func members(_ text: Substring) -> Set<String> {
      Set(
        text.split(separator: "\n").compactMap { line -> String? in
          let words = line.drop { $0 == " " }
          guard line.hasPrefix("  "), !line.hasPrefix("   ") else { return nil }
          for kind in ["mutating func ", "static func ", "func ", "static var ", "var ", "init"] {
            guard words.hasPrefix(kind) else { continue }
            return kind + words.dropFirst(kind.count).prefix { $0.isLetter }
          }
          return nil
        })
    }
    let start = try #require(code.range(of: "protocol \(name)"))
    let body = code[start.upperBound...].prefix(while: { _ in true })
    let end = try #require(body.range(of: "\n}"))
    let given = code.components(separatedBy: "\nextension \(name)").dropFirst()
      .reduce(into: Set<String>()) { $0.formUnion(members($1.prefix { _ in true })) }
    return members(body[..<end.lowerBound]).subtracting(given).count
  }
}
