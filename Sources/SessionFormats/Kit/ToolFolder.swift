internal import FileIO

/// The folder in which a tool keeps its sessions on this machine.
enum ToolFolder {
  /// The folder that the first of some environment variables names, with `~/` for the home folder, else
  /// one below the home folder; nil where there is no home.
  static func path(_ variables: String..., otherwise usual: String) -> String? {
    for name in variables {
      guard let folder = environmentVariable(name), !folder.isEmpty else { continue }
      guard folder.hasPrefix("~/"), let home = homeDirectory() else { return folder }
      return home + folder.dropFirst(1)
    }
    return homeDirectory().map { $0 + "/" + usual }
  }
}
