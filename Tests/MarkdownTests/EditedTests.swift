import Conversion
import FileIO
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Files that people changed, cut or asked to be short.
@Suite struct EditedTests {
  static func sample() throws -> String { try readFile(SampleTests.folder + "/input.md").text }

  static func read(_ text: String) throws -> Written.Session {
    let folder = try TemporaryFolder()
    return try Written.read(try folder.write(Array(text.utf8), to: "edited.md"))
  }

  static func text(_ message: Message) -> String {
    message.blocks.compactMap { $0.plainText?.string }.joined(separator: "|")
  }

  @Test func `an edited text wins, with a finding`() throws {
    let read = try Self.read(
      try Self.sample().replacing("Let me read the file.", with: "Let me *look*.\n\nNow."))
    #expect(read.findings.map(\.rule).contains("markdown.hash"))
    #expect(Self.text(read.messages[1]).hasPrefix("Let me *look*.\n\nNow.|The slice"))
    #expect(read.messages.count == 4)
    #expect(read.head.messageCount == 4)
  }

  @Test func `a message written by hand counts`() throws {
    let added = """
      <!-- chat:message {"role":"user"} -->
      ## 5 · User

      <!-- chat:block {"type":"text"} -->
      One more thing.


      """
    let read = try Self.read(
      try Self.sample().replacing("<!-- chat:end {\"mess", with: added + "<!-- chat:end {\"mess"))
    #expect(read.messages.count == 5)
    #expect(Self.text(read.messages[4]) == "One more thing.")
    #expect(read.findings.allSatisfy { !$0.stopsWriting })
  }

  @Test func `text outside of blocks is told of`() throws {
    let read = try Self.read(
      try Self.sample().replacing("## 2 · Assistant\n", with: "## 2 · Assistant\n\nHello?\n"))
    let finding = try #require(read.findings.first { $0.rule == "markdown.text-outside" })
    guard case .line(_, let line, _) = finding.place else {
      Issue.record("no place")
      return
    }
    #expect(line == 26)
  }

  @Test func `line ends of other systems and a byte order mark are read`() throws {
    let text = try Self.sample()
    let read = try Self.read("\u{FEFF}" + text.replacing("\n", with: "\r\n"))
    let original = try Self.read(text)
    #expect(read.messages == original.messages)
    #expect(read.head.title == original.head.title)
  }

  @Test func `a broken marker and an open fence keep the rest readable`() throws {
    let broken = try Self.read(
      try Self.sample().replacing("{\"id\":\"m3\",", with: "{\"id\":\"m3,"))
    #expect(broken.findings.map(\.rule).contains("markdown.marker-decodes"))
    #expect(broken.messages.map(\.id) == ["m1", "m2", "m4"])
    #expect(broken.entries.contains { if case .opaque = $0.content { true } else { false } })
    let open = try Self.read(
      try Self.sample().replacing(
        "Look at the slice bounds.\n```", with: "Look at the slice bounds."))
    #expect(open.findings.map(\.rule).contains("markdown.marker-in-fence"))
    #expect(open.messages.map(\.id) == ["m1", "m2", "m3", "m4"])
    let never = try Self.read(try Self.sample().replacing("four\"\n`````", with: "four\""))
    #expect(never.findings.map(\.rule).contains("markdown.fence-closed"))
    #expect(never.messages.last?.blocks.count == 6)
  }

  @Test func `unknown versions are refused and unknown blocks kept`() throws {
    let error = #expect(throws: FormatError.self) {
      try Self.read(try Self.sample().replacing("chat-md: 1", with: "chat-md: 2"))
    }
    #expect(error?.code == .unsupportedVersion)
    let read = try Self.read(
      try Self.sample().replacing("{\"type\":\"thinking\"}", with: "{\"type\":\"poem\"}"))
    #expect(read.findings.map(\.rule).contains("markdown.type-known"))
    guard case .opaque(let block) = read.messages[1].blocks[0] else {
      Issue.record("not kept")
      return
    }
    #expect(block.json.string.contains("Look at the slice bounds."))
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

  // MARK: Compact

  @Test func `the compact form is for people and says what it drops`() async throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.root + "/ggcode/store"
    let ggcode = try #require(Registry.format("ggcode"))
    let report = try await StoreConversion(
      from: ggcode, at: source, to: Markdown(), at: folder.path("compact"),
      writeOptions: WriteOptions(isDurable: false, isCompact: true)
    ).run()
    #expect(report.sessions.allSatisfy { $0.status == .written })
    let losses = report.sessions.flatMap(\.losses)
    #expect(losses.allSatisfy { !$0.isCarried })
    #expect(Set(losses.map(\.code)).isSuperset(of: ["usage", "head-history"]))
    #expect(report.sessions.contains { $0.fidelity == .lossy })
    for session in report.sessions {
      let file = try readFile(folder.path("compact/\(session.target ?? "").md")).text
      #expect(file.contains("\nfidelity: lossy\n"))
      #expect(!file.contains("chat:raw") && !file.contains("chat:event"))
      let read = try Written.read(folder.path("compact"), id: session.target)
      #expect(read.findings.isEmpty)
    }
    let index = try readFile(folder.path("compact/index.md")).text
    #expect(index.contains("](\(report.sessions[0].target ?? "").md)"))
  }

  // MARK: Through other tools

  @Test(arguments: ["ggcode", "term-llm", "canonical"])
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
      let first = try await StoreConversion(
        from: Markdown(), at: source, to: between, at: there,
        writeOptions: WriteOptions(isDurable: false)
      ).run()
      #expect(first.sessions.first?.status == .written, "\(first.sessions.map(\.reason))")
      let back = try await StoreConversion(
        from: between, at: there, to: Markdown(), at: folder.path("\(name)-back"),
        writeOptions: WriteOptions(isDurable: false)
      ).run()
      #expect(back.sessions.first?.fidelity == .exact, "\(back.sessions.map(\.losses))")
      #expect(try readFile(folder.path("\(name)-back/ses_abc.md")).text == text)
    }
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
