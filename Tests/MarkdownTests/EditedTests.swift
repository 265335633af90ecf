import Conversion
import FileIO
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Files that people wrote, changed or cut.
@Suite struct EditedTests {
  static func sample() throws -> String { try readFile(SampleTests.folder + "/input.md").text }

  static func read(_ text: String) throws -> Written.Session {
    let folder = try TemporaryFolder()
    return try Written.read(try folder.write(Array(text.utf8), to: "edited.md"))
  }

  static func text(_ message: Message) -> String {
    message.blocks.compactMap { $0.plainText?.string }.joined(separator: "|")
  }

  static func outline(_ read: Written.Session) -> [String] {
    OtherMarkdownTests.outline(read.messages)
  }

  private static let front = "---\nchat-md: 2\nsession: s1\n---\n\n# Session s1\n\n"

  // MARK: What lines mean

  @Test func `headings begin messages, with or without a marker`() throws {
    let read = try Self.read(
      Self.front
        + "## User\none\n\n\n## assistant:\n\ntwo\n\n<!-- m7 -->\n## User · 2026-04-08 12:06\n"
        + "\nthree\n\n## User Guide\n\n## Tool · 12:08\n\nfour\n")
    #expect(read.findings.isEmpty, "\(read.findings)")
    #expect(Self.outline(read) == ["user:text", "assistant:text", "user:text", "tool:text"])
    #expect(read.messages.map(Self.text) == ["one", "two", "three\n\n## User Guide", "four"])
    #expect(read.messages[3].time?.rfc3339 == "2026-04-08T12:08:00Z")
  }

  @Test func `a backslash keeps a line that looks like a heading`() throws {
    let read = try Self.read(
      Self.front + "## User\n\n\\## Assistant\n\\\\## User\n\\<!-- m1 -->\n\\x\n")
    #expect(read.messages.map(Self.text) == ["## Assistant\n\\## User\n<!-- m1 -->\n\\x"])
  }

  @Test func `times are in the zone of the front matter`() throws {
    let read = try Self.read(
      "---\nchat-md: 2\nsession: s1\ncreated: 2026-04-08T12:00:00+02:00\n---\n\n"
        + "## User · 2026-04-08 12:06\n\nx\n")
    #expect(read.messages[0].time?.rfc3339 == "2026-04-08T12:06:00+02:00")
  }

  @Test func `what is wrong is told with its line, and the text is kept`() throws {
    func findings(_ body: String) throws -> [String] {
      let read = try Self.read(Self.front + body)
      #expect(read.findings.allSatisfy { !$0.stopsWriting })
      return read.findings.map { finding in
        guard case .line(_, let line, _) = finding.place else { return "?" }
        return "\(finding.rule.dropFirst("markdown.".count)) \(line)"
      }
    }
    #expect(try findings("no heading\n\n## Assistant\n\nx\n") == ["heading 8"])
    #expect(try findings("## User\n\n<!-- b poem -->\nroses\n") == ["marker 10"])
    #expect(try findings("## User\n\ntext\n<!-- mm -->\nmore\n") == ["marker 11"])
    #expect(
      try findings("## Assistant\n\n<details><summary>Thinking</summary>\n\nhm\n\n## User\n\nx\n")
        == ["fold-closed 14"])
    #expect(
      try findings(
        "## Assistant\n\n<details><summary><b>read</b></summary>\n\n```json\n{}\n\n## User\n\nx\n")
        == ["fence-closed 15"])
    #expect(try findings("## User\n\n<!-- b image -->\nnone\n") == ["link 11"])
    let open = try Self.read(
      Self.front + "## Assistant\n\n<details><summary><b>read</b></summary>\n\n```json\n{\"a\":1}\n"
        + "\n## User\n\nstill there\n")
    #expect(Self.outline(open) == ["assistant:call(read)", "user:text"])
    #expect(try Self.read("## User\n\nx\n").findings.map(\.rule) == ["markdown.front-matter"])
    #expect(
      try Self.read("---\nchat-md: 2\n\n## User\n\nx\n").findings.map(\.rule).contains(
        "markdown.front-matter"))
  }

  @Test func `line ends of other systems and a byte order mark are read`() throws {
    let text = try Self.sample()
    let read = try Self.read("\u{FEFF}" + text.replacing("\n", with: "\r\n"))
    let original = try Self.read(text)
    #expect(read.messages == original.messages)
    #expect(read.head.title == original.head.title)
  }

  @Test func `other versions are refused`() throws {
    for version in ["1", "3"] {
      let error = #expect(throws: FormatError.self) {
        try Self.read(try Self.sample().replacing("chat-md: 2", with: "chat-md: \(version)"))
      }
      #expect(error?.code == .unsupportedVersion)
    }
  }

  @Test func `an edited file copies as it is`() throws {
    let folder = try TemporaryFolder()
    for edited in [
      try Self.sample().replacing("page 2", with: "page 3"),
      try Self.sample() + "more\n", String(try Self.sample().dropLast(30)),
      String(try Self.sample().dropLast(1)),
    ] {
      let path = try folder.write(Array(edited.utf8), to: "edited.md")
      let read = try Written.read(path)
      let copy = folder.path("copy.md")
      try Written.write(read.head, read.entries, to: copy)
      #expect(try readFile(copy).text == edited)
    }
  }

  // MARK: Edited files of other tools

  /// A session of another tool as a transcript, changed, and as it comes back.
  private func back(
    to format: String = "claude-code", _ change: (inout String) throws -> Void
  ) async throws -> (before: Written.Session, after: Written.Session, report: SessionReport) {
    let folder = try TemporaryFolder()
    let tool = try #require(Registry.format(format) as? any WritableSessionFormat)
    let source = Fixtures.root + "/\(format)/minimal/input"
    let there = try await Written.convert(source, tool, to: folder.path("there"), Markdown())
    let page = try #require(there.sessions.first?.files.first)
    var text = try readFile(page).text
    try change(&text)
    try folder.write(Array(text.utf8), to: "there/" + String(page.split(separator: "/").last ?? ""))
    let report = try await Written.convert(
      folder.path("there"), Markdown(), to: folder.path("back"), tool)
    return (
      try Written.read(source, format: tool), try Written.read(folder.path("back"), format: tool),
      try #require(report.sessions.first)
    )
  }

  @Test func `an unchanged transcript gives the original`() async throws {
    let (before, after, report) = try await back { _ in }
    #expect(report.fidelity == .exact)
    #expect(before.bytes == after.bytes)
  }

  @Test func `an edited text keeps identifier and time`() async throws {
    var old = ""
    let (before, after, report) = try await back { text in
      let first = try #require(text.firstRange(of: "## User"))
      let start = text[first.upperBound...].firstRange(of: "\n\n")?.upperBound ?? text.endIndex
      let end = text[start...].firstIndex(of: "\n") ?? text.endIndex
      old = String(text[start..<end])
      text.replaceSubrange(start..<end, with: "Something else, please.")
    }
    #expect(report.fidelity == .edited)
    let index = try #require(before.messages.firstIndex { Self.text($0).hasPrefix(old) })
    #expect(before.messages.count == after.messages.count)
    #expect(Self.text(after.messages[index]).hasPrefix("Something else, please."))
    #expect(after.messages[index].id == before.messages[index].id)
    #expect(after.messages[index].time == before.messages[index].time)
    for (other, (one, two)) in zip(before.messages, after.messages).enumerated()
    where other != index {
      #expect(one.blocks == two.blocks)
    }
  }

  @Test func `a removed message is gone, and nothing else`() async throws {
    var removed = ""
    let (before, after, report) = try await back { text in
      let start = try #require(text.ranges(of: "\n## ").last?.lowerBound)
      let end = try #require(text.firstRange(of: "\n<!-- carryover")?.lowerBound)
      removed = String(text[start..<end])
      text.removeSubrange(start..<end)
    }
    #expect(report.fidelity == .edited)
    let texts = after.messages.map(Self.text)
    #expect(texts == before.messages.map(Self.text).filter { $0.isEmpty || !removed.contains($0) })
  }

  @Test(arguments: ["## User\n\nTyped here.\n", "<!-- m99 -->\n## User\n\nTyped here.\n"])
  func `a typed message is a new one`(typed: String) async throws {
    for isBelow in [false, true] {
      let (before, after, report) = try await back { text in
        let end = try #require(text.firstRange(of: "\n<!-- carryover")?.lowerBound)
        if isBelow { text += "\n" + typed } else { text.insert(contentsOf: "\n" + typed, at: end) }
      }
      #expect(report.fidelity == .continued, "\(report.losses)")
      #expect(after.messages.count == before.messages.count + 1)
      #expect(after.messages.last.map(Self.text) == "Typed here.")
      #expect(after.messages.last?.role == .user)
      let isKept = after.bytes.starts(with: before.bytes)
      #expect(isKept)
    }
  }

  @Test func `a typed title is the title`() async throws {
    let edits: [(inout String) -> Void] = [
      { text in
        let line = text.ranges(of: "\n# ").first?.upperBound ?? text.startIndex
        let end = text[line...].firstIndex(of: "\n") ?? text.endIndex
        text.replaceSubrange(line..<end, with: "Another title")
      },
      { text in
        let line = text.firstRange(of: "chat-md: 2\n")?.upperBound ?? text.startIndex
        text.insert(contentsOf: "title: \"Another title\"\n", at: line)
        if let old = text.ranges(of: "\ntitle: ").dropFirst().first {
          let end = text[old.upperBound...].firstIndex(of: "\n") ?? text.endIndex
          text.removeSubrange(old.lowerBound..<end)
        }
      },
    ]
    for edit in edits {
      let (_, after, _) = try await back(to: "ggcode") { edit(&$0) }
      #expect(after.head.title == "Another title")
    }
  }

  @Test func `a damaged carry is told of, and the text still comes`() async throws {
    for (from, to) in [("\n:chunk\n", "\n:chunk\nAAAA"), ("source_head", "source_hEad")] {
      let (before, after, report) = try await back { $0 = $0.replacing(from, with: to) }
      #expect(report.fidelity != .exact)
      #expect(report.findings.contains { $0.rule.hasPrefix("carry.") }, "\(report.findings)")
      let asked = before.messages.filter { $0.role == .user }.map(Self.text).filter { !$0.isEmpty }
      let found = after.messages.filter { $0.role == .user }.map(Self.text)
      #expect(asked.allSatisfy { found.contains($0) })
    }
  }

  // MARK: Through other tools

  @Test(arguments: ["ggcode", "term-llm", "canonical", "claude-code", "codex"])
  func `a transcript comes back from other tools, also when it was edited`(middle: String)
    async throws
  {
    let folder = try TemporaryFolder()
    let between = try #require(Registry.format(middle) as? any WritableSessionFormat)
    for (name, text) in [
      ("plain", try Self.sample()),
      ("edited", try Self.sample().replacing("page 2", with: "page 3")),
    ] {
      let source = try folder.write(Array(text.utf8), to: "\(name)/ses_abc.md")
      let there = folder.path("\(name)-\(middle)")
      let first = try await Written.convert(source, Markdown(), to: there, between)
      #expect(first.sessions.first?.status == .written, "\(first.sessions.map(\.reason))")
      let back = try await Written.convert(
        there, between, to: folder.path("\(name)-back"), Markdown())
      #expect(back.sessions.first?.fidelity == .exact, "\(back.sessions.map(\.losses))")
      #expect(try readFile(folder.path("\(name)-back/ses_abc.md")).text == text)
    }
  }

  /// Its carry has several parts, and is written while the page is read back.
  @Test func `a long session comes back byte for byte`() async throws {
    let folder = try TemporaryFolder()
    var random = SeededNumbers(seed: 7)
    let entries = (0..<60).map { number in
      let words = (0..<4_000).map { _ in String(random.next() & 0xFFFF_FFFF_FFFF, radix: 36) }
      let text = JSONString(words.joined(separator: number.isMultiple(of: 2) ? " " : "\n"))
      return Entry(
        .message(
          Message(
            id: "m\(number)", role: number.isMultiple(of: 2) ? .user : .assistant,
            blocks: [.text(Block.Text(text))])))
    }
    let first = folder.path("first.session.jsonl")
    try Written.write(SessionHead(id: "long"), entries, format: Canonical(), to: first)
    let there = try await Written.convert(first, Canonical(), to: folder.path("there"), Markdown())
    #expect(there.sessions.map(\.status) == [.written], "\(there.sessions.map(\.reason))")
    let back = try await Written.convert(
      folder.path("there"), Markdown(), to: folder.path("back.session.jsonl"), Canonical())
    #expect(back.sessions.first?.fidelity == .exact)
    #expect(try readFile(folder.path("back.session.jsonl")) == readFile(first))
  }

  @Test func `media are files beside the transcript and come back`() async throws {
    let folder = try TemporaryFolder()
    var head = SessionHead(id: "media")
    head.title = "Media"
    let small = Base64.encode((0..<100).map { UInt8($0) })
    let large = Base64.encode((0..<5_000).map { UInt8(truncatingIfNeeded: $0) })
    let entries = [small, large, large].map {
      Entry(
        .message(
          Message(
            role: .user,
            blocks: [.image(Block.Image(mediaType: "image/png", base64: JSONString($0)))])))
    }
    try Written.write(head, entries, to: folder.path("store"))
    let read = try Written.read(folder.path("store"))
    #expect(
      read.messages
        == entries.compactMap {
          if case .message(let message) = $0.content { message } else { nil }
        })
    #expect(try listDirectory(folder.path("store/blobs/sha256")).count == 1)
    #expect(
      try listDirectory(folder.path("store")).map(\.name) == ["blobs", "index.md", "media.md"])
    // A copy takes its media along; a file for standard output holds them.
    let copy = try await StoreConversion(
      from: Markdown(), at: folder.path("store"), to: Markdown(), at: folder.path("copy"),
      writeOptions: WriteOptions(isDurable: false)
    ).run()
    #expect(copy.sessions.first?.fidelity == .exact)
    #expect(try Written.read(folder.path("copy")).messages == read.messages)
    try Written.write(
      head, entries, to: folder.path("alone/media.md".replacing("alone/", with: "alone-")),
      options: WriteOptions(isDurable: false, isSelfContained: true))
    #expect(try Written.read(folder.path("alone-media.md")).messages == read.messages)
    // A conversion that is not published leaves nothing.
    var options = ConversionOptions()
    options.isDryRun = true
    _ = try await StoreConversion(
      from: Markdown(), at: folder.path("store"), to: Markdown(), at: folder.path("dry"),
      writeOptions: WriteOptions(isDurable: false), options: options
    ).run()
    #expect(try FileStatus(path: folder.path("dry")) == nil)
  }
}
