internal import FileIO

/// The current directory, normalised; empty when it cannot be told.
///
/// Original: `CurrentWorkspacePath`.
public func currentWorkspacePath() -> String {
  guard let path = try? currentDirectory() else { return "" }
  return normalizeWorkspacePath(path)
}

/// A folder's path as sessions are compared by it.
///
/// Original: `NormalizeWorkspacePath`.
///
/// White space around it goes. An existing path has its symbolic links followed, and stays relative if
/// it is; any other is made absolute.
public func normalizeWorkspacePath(_ path: String) -> String {
  let trimmed = path.trimmingUnicodeWhiteSpace
  if trimmed.isEmpty { return "" }
  if let resolved = pathFollowingLinks(trimmed) { return resolved }
  if trimmed.hasPrefix("/") { return cleanPath(trimmed) }
  // Without a current folder the path counts as it is spelled.
  guard let current = try? currentDirectory() else { return cleanPath(trimmed) }
  return cleanPath(current + "/" + trimmed)
}

/// The folder that the tool keeps its sessions in: `~/.ggcode/sessions`.
///
/// Original: `DefaultDir`.
///
/// Without a home directory it is relative.
public func defaultDirectory() -> String {
  let home = homeDirectory() ?? environmentVariable("USERPROFILE") ?? ""
  return home.isEmpty ? ".ggcode/sessions" : cleanPath(home + "/.ggcode/sessions")
}
