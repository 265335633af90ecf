import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Moving to another machine: folders of work change at every level, what was said does not.
@Suite struct PathMappingTests {
  @Test(arguments: [
    ("/home/ann", "/Users/ann"), ("/home/ann/shop", "/srv/shop"),
    ("/home/ann/shop/till", "/srv/shop/till"), ("/home/annie", nil), ("/home/an", nil),
    ("file:///home/ann/x", "file:///Users/ann/x"), ("/", nil),
  ])
  func `the longest beginning wins, and names are whole`(path: String, expected: String?) {
    let map = PathMap([("/home/ann/", "/Users/ann"), ("/home/ann/shop", "/srv/shop/")])
    #expect(map(path) == expected)
  }

  @Test(arguments: [
    (#"C:\Users\kim"#, "/home/kim", #"C:\Users\kim\src\app"#, "/home/kim/src/app"),
    (#"C:\Users\kim"#, "/home/kim", #"c:\Users\kim\src"#, "/home/kim/src"),
    (#"C:\Users\kim\"#, "/home/kim/", "c:/Users/kim/src", "/home/kim/src"),
    (#"C:\Users\kim"#, "/home/kim", #"C:\Users\kimberly"#, nil),
    (#"C:\"#, "/mnt/c", #"C:\tmp\x"#, "/mnt/c/tmp/x"),
    ("/home/kim", #"C:\Users\kim"#, "/home/kim/src/app", #"C:\Users\kim\src\app"#),
    ("/home/kim", #"D:\"#, "/home/kim/src", #"D:\src"#),
    ("/home/kim", #"D:\"#, "/home/kim", #"D:\"#),
    (#"C:\a"#, #"D:\b"#, #"C:\a\x/y"#, #"D:\b\x/y"#),
    (#"\\wsl$\Ubuntu"#, "/", #"\\wsl$\Ubuntu\home\kim"#, "/home/kim"),
    ("/", #"\\wsl$\Ubuntu"#, "/home/kim", #"\\wsl$\Ubuntu\home\kim"#),
    (#"\\server\share\kim"#, "/srv/kim", #"\\server\share\kim\x"#, "/srv/kim/x"),
    (#"C:\Users\kim"#, "/home/kim", "file:///c:/Users/kim/x", "file:///home/kim/x"),
    ("/home/kim", #"C:\Users\kim"#, "file:///home/kim/x", "file:///C:/Users/kim/x"),
    ("/home/kim", "/srv/kim", #"/home/kim/odd\name"#, #"/srv/kim/odd\name"#),
  ])
  func `paths go from one system to another`(
    old: String, new: String, path: String, expected: String?
  ) {
    #expect(PathMap([(old, new)])(path) == expected)
  }

  static let mapped = ConversionOptions.with {
    $0.mappedPaths = [("/home/ann", "/Users/ann"), ("/home/ann/shop", "/srv/shop")]
  }

  static let codex = [
    """
    {"timestamp":"2026-11-20T10:00:00.000Z","type":"session_meta","payload":{"id":\
    "0198c5d0-0000-7000-8000-000000000001","timestamp":"2026-11-20T10:00:00.000Z","cwd":\
    "/home/ann/shop","originator":"x","cli_version":"1","source":"cli","model_provider":"openai",\
    "runtime_workspace_roots":["/home/ann/shop","/opt"],"new":{"cwd":"/home/ann"}}}
    """,
    """
    {"timestamp":"2026-11-20T10:00:01.000Z","type":"turn_context","payload":{ "cwd" : \
    "/home/ann/shop\\/till","approval_policy":"never","sandbox_policy":{"type":"workspace-write",\
    "writable_roots":["/home/ann/tmp"]},"model":"m"}}
    """,
    """
    {"timestamp":"2026-11-20T10:00:02.000Z","type":"event_msg","payload":{"type":\
    "thread_settings_applied","thread_settings":{"cwd":"/home/ann/shop"}}}
    """,
    """
    {"timestamp":"2026-11-20T10:00:03.000Z","type":"response_item","payload":{"type":"message",\
    "role":"user","content":[{"type":"input_text","text":"Look in /home/ann/shop"}],"cwd":"/home/ann"}}
    """,
    """
    {"timestamp":"2026-11-20T10:00:03.000Z","type":"event_msg","payload":{"type":"user_message",\
    "message":"Look in /home/ann/shop"}}
    """,
    """
    {"timestamp":"2026-11-20T10:00:04.000Z","type":"response_item","payload":{"type":\
    "function_call","name":"shell","arguments":"{\\"workdir\\":\\"/home/ann/shop\\"}","call_id":"c"}}
    """,
    """
    {"timestamp":"2026-11-20T10:00:05.000Z","type":"event_msg","payload":{"type":\
    "exec_command_end","call_id":"c","command":["ls","/home/ann"],"cwd":"/home/annie/x","exit_code":0}}
    """,
    """
    {"timestamp":"2026-11-20T10:00:06.000Z","type":"event_msg","payload":{"type":"item_completed",\
    "item":{"type":"CommandExecution","id":"c","cwd":"file:///home/ann/shop"}}}
    """,
  ]

  @Test func `Codex records say the new folders, and nothing else changes`() async throws {
    let folder = try TemporaryFolder()
    let text = Self.codex.map { $0 + "\n" }.joined()
    let name =
      "sessions/2026/11/20/rollout-2026-11-20T10-00-00-0198c5d0-0000-7000-8000-000000000001.jsonl"
    try folder.write(Array(text.utf8), to: "home/" + name)
    let report = try await CodexSamples.convert(
      folder.path("home"), "codex", to: folder.path("copy"), "codex", options: Self.mapped)
    let session = try #require(report.sessions.first)
    #expect(session.status == .written, "\(session.reason ?? "")")
    #expect(session.mappedPaths == 6)
    #expect(session.fidelity == .complete)
    let expected =
      text
      .replacing("\"cwd\":\"/home/ann/shop\"", with: "\"cwd\":\"/srv/shop\"")
      .replacing("[\"/home/ann/shop\",\"/opt\"]", with: "[\"/srv/shop\",\"/opt\"]")
      .replacing("\"/home/ann/shop\\/till\"", with: "\"/srv/shop/till\"")
      .replacing("[\"/home/ann/tmp\"]", with: "[\"/Users/ann/tmp\"]")
      .replacing("file:///home/ann/shop", with: "file:///srv/shop")
    #expect(String(decoding: try readFile(folder.path("copy/" + name)), as: UTF8.self) == expected)
  }

  @Test func `Claude Code records and their project's folder say the new folders`() async throws {
    let folder = try TemporaryFolder()
    let id = "0c0ffee0-0000-4000-8000-000000000001"
    func line(_ number: Int, _ cwd: String, _ rest: String) -> String {
      let parent = number == 1 ? "null" : "\"0a0b0c0d-0000-4000-8000-00000000000\(number - 1)\""
      return "{\"parentUuid\":\(parent),\"type\":\"user\",\(rest),\"uuid\":"
        + "\"0a0b0c0d-0000-4000-8000-00000000000\(number)\",\"timestamp\":"
        + "\"2026-05-01T09:00:0\(number).000Z\",\"cwd\":\"\(cwd)\",\"sessionId\":\"\(id)\"}\n"
    }
    let said =
      "\"message\":{\"role\":\"user\",\"content\":\"see /home/ann/shop\",\"cwd\":\"/home/ann\"}"
    let text =
      line(1, "/home/ann/shop", said) + line(2, "/home/ann", said) + line(3, "/opt", said)
      + "{\"type\":\"relocated\",\"relocatedCwd\":\"/home/ann/shop/b\",\"sessionId\":\"\(id)\"}\n"
    try folder.write(Array(text.utf8), to: "home/projects/-home-ann-shop/\(id).jsonl")
    let report = try await CodexSamples.convert(
      folder.path("home"), "claude-code", to: folder.path("copy"), "claude-code",
      options: Self.mapped)
    #expect(report.sessions.first?.mappedPaths == 3)
    let expected =
      line(1, "/srv/shop", said) + line(2, "/Users/ann", said) + line(3, "/opt", said)
      + "{\"type\":\"relocated\",\"relocatedCwd\":\"/srv/shop/b\",\"sessionId\":\"\(id)\"}\n"
    let copy = try readFile(folder.path("copy/projects/-srv-shop/\(id).jsonl"))
    #expect(String(decoding: copy, as: UTF8.self) == expected)
  }

  @Test(arguments: ["claude-code", "ggcode", "term-llm", "canonical"])
  func `what goes to another format lies in the new folder`(_ target: String) async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      Array(Self.codex.map { $0 + "\n" }.joined().utf8), to: "input.jsonl")
    let report = try await CodexSamples.convert(
      path, "codex", to: folder.path("out"), target, options: Self.mapped)
    let session = try #require(report.sessions.first)
    #expect(session.status == .written, "\(session.reason ?? "")")
    #expect(session.mappedPaths == 1)
    let format = try #require(Registry.format(target))
    let source = try format.open(folder.path("out"), options: ReadOptions())
    #expect(try source.reader(for: #require(session.target)).head.workspace == "/srv/shop")
  }
}
