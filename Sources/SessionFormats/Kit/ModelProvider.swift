internal import SessionModel

/// The company that serves a model, for formats that demand its name.
enum ModelProvider {
  /// What the head says, else what the model's name tells; `unknown` when neither does.
  static func name(for model: String?, _ head: SessionHead) -> String {
    if let key = head.providerKey, !key.isEmpty { return key }
    guard let model else { return unknown }
    if model.contains("claude") { return "anthropic" }
    if model.contains("gemini") { return "google" }
    let isOpenAI = ["gpt", "o1", "o3", "o4", "codex"].contains { model.hasPrefix($0) }
    return isOpenAI ? "openai" : unknown
  }

  /// Stands for a provider or model that a format demands and the session does not state.
  static let unknown = "unknown"
}
