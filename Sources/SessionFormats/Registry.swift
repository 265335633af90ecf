public import SessionCoding

/// All formats, one line each.
///
/// Help, tables, documents and the conformance suite follow this list.
public enum Registry {
  /// The formats that are read, in the order of lists and of recognition.
  public static let formats: [any SessionFormat] = [
    GGCode(),
    TermLLM(),
    ClaudeCode(),
    Codex(),
    Canonical(),
    Markdown(),
    Aider(),
    SpecStory(),
    LLMMarkdown(),
    GeminiCLI(),
    Pi(),
    OpenClaw(),
    LettaCode(),
    QwenCode(),
    Hermes(),
    OpenCode(),
    Goose(),
    Crush(),
    Droid(),
    CopilotCLI(),
    KimiCode(),
    GPTMe(),
    Amp(),
    GGCodeExport(),
    TermLLMExport(),
  ]

  /// The formats that are written too.
  public static let writable = formats.compactMap { $0 as? any WritableSessionFormat }

  /// The formats whose own sessions can be written as they were, those that are written among them.
  public static let restorable = formats.compactMap { $0 as? any RestorableSessionFormat }

  /// The format of an identifier.
  public static func format(_ id: String) -> (any SessionFormat)? {
    formats.first { $0.info.id == id }
  }

  /// The format that recognises a location; nil when none or more than one does.
  public static func recognize(_ path: String) -> (any SessionFormat)? {
    let found = formats.filter { $0.recognizes(path) }
    return found.count == 1 ? found[0] : nil
  }
}
