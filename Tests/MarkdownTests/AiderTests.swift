import FileIO
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

@Suite struct AiderTests {
  static let file = Fixtures.root + "/aider/two-chats/input.md"

  struct Said: Hashable {
    var role: String
    var content: String
  }

  static func expected(_ key: String) throws -> [Said] {
    let root = try JSONDocument(Fixtures.bytes("aider/two-chats/aider.expected.json")).root
    return try #require(root[name: key]).elements.map {
      Said(role: $0["role"]?.string?.string ?? "", content: $0["content"]?.string?.string ?? "")
    }
  }

  static func said(_ entries: [Entry]) -> [Said] {
    entries.compactMap { entry in
      guard case .message(let message) = entry.content else { return nil }
      return Said(
        role: message.role.name,
        content: message.blocks.compactMap { $0.plainText?.string }.joined())
    }
  }

  @Test func `strict reading is what aider's own splitter gives`() throws {
    let source = try Aider().open(Self.file, options: ReadOptions(isStrict: true))
    #expect(try source.sessions().count == 1)
    let reader = try source.reader(for: try #require(try source.sessions().first?.id))
    var entries: [Entry] = []
    while let entry = try reader.next() { entries.append(entry) }
    #expect(Self.said(entries.filter(\.isEffective)) == (try Self.expected("messages")))
    #expect(Self.said(entries) == (try Self.expected("with_tool")))
    let file = try readFile(Self.file)
    #expect(entries.flatMap { $0.origin?.bytes ?? [] } == file)
  }

  @Test func `careful reading keeps chats apart and the model's text whole`() throws {
    let sessions = try Written.all(Self.file, format: Aider())
    #expect(sessions.map(\.head.id) == ["20260302-091507", "20260303-184000"])
    let first = sessions[0]
    #expect(first.head.model == "anthropic/claude-sonnet-4-5")
    let listed = try Aider().open(Self.file, options: ReadOptions()).sessions()
    #expect(listed.map(\.title) == ["Why does page 2 repeat a row?", "hello"])
    #expect(first.head.created?.rfc3339 == "2026-03-02T09:15:07Z")
    let said = Self.said(first.entries)
    #expect(said.map(\.role) == ["user", "assistant", "user", "user", "assistant"])
    #expect(said[0].content == "Why does page 2 repeat a row?\n\nFix it please")
    #expect(said[2].content == "/run pytest -q")
    #expect(said[3].content == "")
    #expect(
      said[4].content == """
        An answer that starts with prose.

        # This H1 line is dropped by the aider reader
        #### This line becomes a USER message
        > this line becomes tool output

        and the rest.
        """)
    #expect(first.findings.filter { $0.rule == "aider.guess" }.count == 3)
    #expect(Self.said(sessions[1].entries).map(\.content) == ["hello", "Hello!"])
    let file = try readFile(Self.file)
    #expect(sessions.flatMap(\.bytes) == file)
  }

  @Test func `what is written reads in aider and here`() throws {
    let folder = try TemporaryFolder()
    let texts: [(Role, String, String)] = [
      (.user, "one\n\ntwo", "one\n\ntwo"),
      (.assistant, "# H1\n> q\n#### u\nrest", " # H1\n > q\n #### u\nrest"),
      (.assistant, "again\n\n```python\nx = 1", "again\n\n```python\nx = 1\n```"), (.user, "", ""),
      (.user, "#### x", "#### x"),
      (.assistant, "~~~\n#### \n~~~\n\n\n  ok  ", "~~~\n #### \n~~~\n\n\n  ok"),
    ]
    var head = SessionHead(id: "odd id")
    head.created = Timestamp(seconds: 1_772_355_600, nanoseconds: 5)
    let entries = texts.map {
      Entry(.message(Message(role: $0.0, blocks: [.text(Block.Text(JSONString($0.1)))])))
    }
    let path = folder.path("history.md")
    try Written.write(head, entries, format: Aider(), to: path)
    var other = head
    other.id = "20260301-090000"
    try Written.write(other, Array(entries.prefix(2)), format: Aider(), to: path)
    let read = try Written.all(path, format: Aider())
    #expect(read.map(\.head.id) == ["odd id", "20260301-090000"])
    #expect(Self.said(read[0].entries).map(\.content) == texts.map(\.2))
    #expect(Self.said(read[0].entries).map(\.role) == texts.map(\.0.name))
    let source = try Aider().open(path, options: ReadOptions(isStrict: true))
    let strict = try source.reader(for: "history")
    var roles: [String] = []
    while let entry = try strict.next() {
      if entry.isEffective, case .message(let message) = entry.content {
        roles.append(message.role.name)
      }
    }
    // aider itself does not tell two answers in a row apart.
    #expect(roles == ["user", "assistant", "user", "user", "assistant", "user", "assistant"])
  }

  @Test func `every beginning of a history reads`() throws {
    let folder = try TemporaryFolder()
    let file = try readFile(Self.file)
    for length in 0..<file.count {
      let path = try folder.write(Array(file[..<length]), to: "cut.md")
      for isStrict in [false, true] {
        let source = try Aider().open(path, options: ReadOptions(isStrict: isStrict))
        var bytes: [UInt8] = []
        for summary in try source.sessions() {
          let reader = try source.reader(for: summary.id)
          while let entry = try reader.next() { bytes += entry.origin?.bytes ?? [] }
        }
        #expect(bytes == Array(file[..<length]))
      }
    }
  }

  /// Reads a history; gives its chats.
  private func chats(_ text: String, in folder: TemporaryFolder) throws -> [Written.Session] {
    let path = try folder.write(Array(text.utf8), to: "history.md")
    let read = try Written.all(path, format: Aider())
    #expect(read.flatMap(\.bytes) == Array(text.utf8))
    return read
  }

  @Test func `a code block without an end does not take the next prompt`() throws {
    let folder = try TemporaryFolder()
    let read = try chats(
      """

      # aider chat started at 2026-05-04 09:00:00

      #### write the script\u{20}\u{20}

      Here it is:

      ```python
      print("one")
      print("tw

      > ^C KeyboardInterrupt\u{20}\u{20}

      #### try again\u{20}\u{20}

      ```python
      #### no prompt
      print(1)
      ```

      # aider chat started at 2026-05-05 09:00:00

      #### next day\u{20}\u{20}

      Hello.

      """, in: folder)
    #expect(read.map(\.head.id) == ["20260504-090000", "20260505-090000"])
    let said = Self.said(read[0].entries)
    #expect(said.map(\.role) == ["user", "assistant", "user", "assistant"])
    #expect(said[2].content == "try again")
    #expect(said[3].content.contains("#### no prompt"))
    let guesses = read[0].findings.filter { $0.rule == "aider.guess" }
    #expect(guesses.count == 1 && guesses[0].severity == .info)
  }

  @Test func `what a code block quotes begins no chat, and a command is no title`() throws {
    let folder = try TemporaryFolder()
    let read = try chats(
      """

      # aider chat started at 2026-05-04 09:00:00

      #### /add shed.py\u{20}\u{20}

      #### /etc/hosts is wrong\u{20}\u{20}

      It is:

      ```md

      # aider chat started at 2020-01-01 00:00:00

      #### quoted
      ```

      # aider chat started at 2026-05-05 09:00:00

      #### next day\u{20}\u{20}

      Hello.

      """, in: folder)
    #expect(read.map(\.head.id) == ["20260504-090000", "20260505-090000"])
    let source = try Aider().open(folder.path("history.md"), options: ReadOptions())
    #expect(try source.sessions().map(\.title) == ["/etc/hosts is wrong", "next day"])
  }
}
