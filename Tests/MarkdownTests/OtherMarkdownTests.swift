import FileIO
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Markdown that other programs write.
@Suite struct OtherMarkdownTests {
  /// Roles and kinds of blocks, as in `user:text`, `assistant:text+call(Read)`.
  static func outline(_ messages: [Message]) -> [String] {
    messages.map { message in
      let blocks = message.blocks.map { block in
        switch block {
        case .text: "text"
        case .thinking: "thinking"
        case .toolCall(let call): "call(\(call.name.string))"
        case .toolResult(let result): result.isError ? "error" : "result"
        case .image: "image"
        case .file: "file"
        case .opaque: "block"
        }
      }
      return message.role.name + ":" + blocks.joined(separator: "+")
    }
  }

  static func text(_ message: Message) -> String {
    message.blocks.compactMap { $0.plainText?.string }.joined(separator: "|")
  }

  static let specStory = Fixtures.root + "/specstory/history/input/"

  @Test func `SpecStory: the older Cursor layout`() throws {
    let read = try Written.read(
      Self.specStory + "2025-06-30_12-46-48Z-old-cursor.md", format: SpecStory())
    #expect(read.head.id == "7648a3a8-cec0-45cc-a87c-6ad5a39677a2")
    #expect(read.head.agent == "Cursor IDE")
    #expect(read.head.created?.rfc3339 == "2025-06-30T12:46:48Z")
    #expect(
      Self.outline(read.messages) == [
        "user:text", "assistant:text", "assistant:call(read_file)+call(read_file)",
        "assistant:text", "assistant:call(search_replace)+call(search_replace)", "assistant:text",
      ])
    #expect(read.messages[0].time?.rfc3339 == "2025-08-18T14:14:40Z")
    #expect(read.messages[1].model == "claude-4-sonnet")
    #expect(read.messages[2].time == nil)
    #expect(
      Self.text(read.messages[0]).hasPrefix("For the code present, we get this error:\n```\n"))
    #expect(Self.text(read.messages[0]).hasSuffix("please make it concise."))
    guard case .toolCall(let call) = read.messages[4].blocks[0] else {
      Issue.record("no call")
      return
    }
    #expect(call.arguments?.string.contains("Edit file: pkg/cloud/sync.go") == true)
    #expect(call.arguments?.string.contains("@@ -43,4 +43,5 @@") == true)
  }

  @Test func `SpecStory: reasoning, shell tools and results`() throws {
    let read = try Written.read(
      Self.specStory + "2026-01-29_16-21-35Z-explain-this-commit-to.md", format: SpecStory())
    #expect(
      Self.outline(read.messages) == [
        "user:text", "assistant:thinking", "assistant:call(Bash)", "tool:result",
        "assistant:call(Bash)", "tool:result", "assistant:thinking", "assistant:call(Bash)",
        "tool:result", "assistant:thinking", "assistant:text",
      ])
    #expect(read.messages[10].time?.rfc3339 == "2026-01-29T16:22:44Z")
    #expect(read.messages[10].model == "claude-opus-4-5-20251101")
    #expect(read.head.model == "claude-opus-4-5-20251101")
    guard case .thinking(let thought) = read.messages[1].blocks[0],
      case .toolResult(let result) = read.messages[3].blocks[0],
      case .toolCall(let call) = read.messages[2].blocks[0]
    else {
      Issue.record("other blocks")
      return
    }
    #expect(thought.text.string.hasPrefix("The user wants me to explain"))
    #expect(thought.text.string.hasSuffix("what changes were made."))
    let output = result.content.compactMap { $0.plainText?.string }.joined()
    #expect(output.hasPrefix("commit 0381a524") && output.hasSuffix("5 deletions(-)"))
    #expect(result.callID == call.id)
    #expect(call.arguments?.string.contains("--stat") == true)
    #expect(Self.text(read.messages[10]).contains("## What the commit does"))
    #expect(read.bytes == (try readFile(read.path ?? "")))
  }

  @Test func `SpecStory: turns with text around tools`() throws {
    let read = try Written.read(
      Self.specStory + "2026-05-10_09-00-00Z-where-is-save-implemented.md", format: SpecStory())
    let outline = Self.outline(read.messages)
    #expect(outline.filter { $0.hasPrefix("user") }.count == 7)
    #expect(outline[1] == "assistant:text+call(Read)+call(Read)+text")
    #expect(outline.last == "assistant:call(Edit)+text")
    #expect(outline.contains("tool:result"))
    let gemini = try Written.read(
      Self.specStory + "2026-05-20_09-00-00Z-list-the-workspace.md", format: SpecStory())
    #expect(
      Self.outline(gemini.messages) == [
        "user:text", "assistant:call(run_shell_command)", "tool:result", "assistant:text",
        "user:text",
      ])
    #expect(Self.text(gemini.messages[4]) == "that worked, thanks")
    #expect(gemini.head.agent == "Gemini CLI")
  }

  @Test func `llm: conversations, options, tools, attachments, usage`() throws {
    let all = try Written.all(
      Fixtures.root + "/llm-markdown/logs/input.md", format: LLMMarkdown())
    #expect(
      all.map(\.head.id) == [
        "01m7wy7a5te98q592yj084fjzz", "01m7wy7a6329ydkaf5exbykz5f", "01m7wy7a67ckg09wwacs1fh01g",
        "01m7wy7a6br5n6qx0nt74y9gtx",
      ])
    #expect(
      Self.outline(all[0].messages) == [
        "system:text", "user:text", "assistant:text", "user:text",
        "assistant:thinking+call(read_file)+call(read_file)+call(add)+text",
        "tool:result+error+result", "assistant:text",
      ])
    let first = all[0].messages
    #expect(Self.text(first[0]) == "You are terse.")
    #expect(first[2].usage == TokenUsage(input: 12, output: 7))
    #expect(first[4].usage == TokenUsage(input: 40, output: 30, cacheRead: 16))
    #expect(first[4].model == "scripted-1-2026-01-01")
    #expect(first[4].id == "01m7wy7a5zeaky7g3yqb7e933w")
    #expect(Self.text(first[4]) == "Reading it now.")
    #expect(first[1].extras.map(\.key) == ["options"])
    guard case .toolCall(let read) = first[4].blocks[1],
      case .toolCall(let add) = first[4].blocks[3],
      case .toolResult(let result) = first[5].blocks[0]
    else {
      Issue.record("other blocks")
      return
    }
    #expect(read.arguments?.string == "{\"path\":\"notes/a.txt\"}")
    #expect(add.arguments?.string == "{\"a\":2,\"b\":40}")
    #expect(read.id == result.callID)
    #expect(
      result.content.compactMap { $0.plainText?.string } == ["line 1\nline 2 — ünïcode\n"])
    #expect(Self.text(first[6]).hasSuffix("```python\nprint(42)\n```"))
    #expect(Self.outline(all[1].messages)[0] == "user:text+file+image")
    #expect(all.flatMap(\.bytes) == (try readFile(Fixtures.root + "/llm-markdown/logs/input.md")))
  }

  @Test(arguments: ["ggcode", "term-llm"])
  func `exports show what their stores hold`(tool: String) throws {
    let store =
      tool == "ggcode"
      ? Fixtures.root + "/ggcode/store" : Fixtures.root + "/term-llm/store/head-v46.db"
    let format = try #require(Registry.format(tool))
    let export = try #require(Registry.format(tool + "-export"))
    let exports = try Written.all(Fixtures.root + "/\(tool)-export/exports/input", format: export)
    #expect(exports.count >= 6)
    for session in exports { #expect(session.findings.allSatisfy { $0.severity == .info }) }
    let originals = try Written.all(store, format: format)
    var compared = 0
    for session in exports {
      guard
        let original = originals.first(where: { session.head.id.hasSuffix($0.head.id) })
      else { continue }
      compared += 1
      func spoken(_ session: Written.Session) -> [String] {
        session.entries.flatMap { entry -> [Message] in
          switch entry.content {
          case .message(let message): [message]
          case .checkpoint(let checkpoint): checkpoint.messages ?? []
          default: []
          }
        }.filter { $0.role == .user }.map(Self.text).filter { !$0.isEmpty }
      }
      let asked = spoken(original)
      for text in spoken(session) {
        let isKnown = asked.contains { $0.contains(text) || text.contains($0) }
        #expect(isKnown, "\(session.head.id): \(text)")
      }
      func names(_ session: Written.Session) -> Set<String> {
        Set(
          session.messages.flatMap(\.blocks).compactMap {
            if case .toolCall(let call) = $0 { call.name.string } else { nil }
          })
      }
      #expect(names(session).isSubset(of: names(original)), "\(session.head.id)")
    }
    #expect(compared >= 5)
  }

  @Test func `ggcode export: blocks in order`() throws {
    let read = try Written.read(
      Fixtures.root + "/ggcode-export/exports/input/20260301-090000-00000000000000a1.md",
      format: GGCodeExport())
    #expect(
      Self.outline(read.messages) == [
        "user:text", "assistant:text+call(read_file)+call(list_dir)", "user:result+error",
        "assistant:text", "user:text", "assistant:call(screenshot)", "user:result",
        "assistant:text",
      ])
    #expect(read.head.model == "opus-test")
    #expect(read.head.endpoint == "default")
    #expect(read.head.created?.rfc3339 == "2026-03-01T09:00:00+08:00")
  }

  @Test func `term-llm export: tools, errors, reasoning`() throws {
    let read = try Written.read(
      Fixtures.root
        + "/term-llm-export/exports/input/head-20260303-021008-18c595ea804462a7.system+reasoning+raw.md",
      format: TermLLMExport())
    #expect(
      Self.outline(read.messages) == [
        "system:text", "user:text", "assistant:thinking+text",
        "assistant:text+call(read_file)+call(edit_file)", "tool:result+error",
        "assistant:call(mcp__docs__search)+call(shell)+call(read_file)",
        "tool:result+result+result", "assistant:thinking+text", "user:text", "assistant:text",
      ])
    #expect(read.head.workspace == "/home/dev/projects/demo")
    #expect(read.head.created?.rfc3339 == "2026-03-02T15:10:00Z")
  }

  static let places: [(id: String, path: String)] = [
    ("markdown", "/markdown/chat-md-example/input.md"), ("markdown", "/markdown/chat-md-example"),
    ("markdown", "/markdown/by-hand"),
    ("aider", "/aider/two-chats/input.md"), ("specstory", "/specstory/history/input"),
    ("", "/specstory"), ("", "/markdown"), ("", "/aider"),
    ("llm-markdown", "/llm-markdown/logs/input.md"), ("llm-markdown", "/llm-markdown/logs"),
    ("ggcode-export", "/ggcode-export/exports/input"),
    ("term-llm-export", "/term-llm-export/exports/input"),
    ("ggcode", "/ggcode/store"), ("term-llm", "/term-llm/store/head-v46.db"),
  ]

  @Test(arguments: places.indices)
  func `each place is recognised by its own format alone`(index: Int) throws {
    let (id, path) = Self.places[index]
    let found = Registry.formats.filter { $0.recognizes(Fixtures.root + path) }.map(\.info.id)
    #expect(found == (id.isEmpty ? [] : [id]), "\(path)")
  }

  @Test func `every beginning of every sample reads as far as it goes`() throws {
    let folder = try TemporaryFolder()
    let samples: [(any SessionFormat, String)] = [
      (SpecStory(), "/specstory/history/input/2025-06-30_12-46-48Z-old-cursor.md"),
      (SpecStory(), "/specstory/history/input/2026-05-10_09-00-00Z-where-is-save-implemented.md"),
      (LLMMarkdown(), "/llm-markdown/logs/input.md"),
      (GGCodeExport(), "/ggcode-export/exports/input/20260301-090000-00000000000000a1.md"),
      (TermLLMExport(), "/term-llm-export/exports/input/head-20260303-021008-18c595ea804462a7.md"),
    ]
    for (format, path) in samples {
      let file = try readFile(Fixtures.root + path)
      for length in stride(from: 0, to: file.count, by: 7) {
        let cut = try folder.write(Array(file[..<length]), to: "cut.md")
        let bytes = try Written.all(cut, format: format).flatMap(\.bytes)
        #expect(bytes == Array(file[..<length]), "\(path) \(length)")
      }
    }
  }
}
