internal import FileIO

/// A shell command by which a tool goes on with a session.
public struct ResumeCommand: Sendable, Hashable {
  /// The program and its arguments.
  public var words: [String]
  /// The folder to start it in; nil for any.
  public var folder: String?
  /// A variable that tells the program where its store is, and the folder to set it to.
  public var variable: String?
  /// The folder that ``variable`` is set to.
  public var home: String?

  /// Creates a command.
  ///
  /// - Parameters:
  ///   - words: The program and its arguments.
  ///   - folder: The folder to start it in; nil for any.
  ///   - variable: The variable that names the tool's store.
  ///   - home: Where the session's store is.
  ///   - usual: Where the program looks by itself; there the variable need not be set.
  public init(
    _ words: [String], in folder: String? = nil, variable: String, home: String, usual: String?
  ) {
    self.words = words
    self.folder = folder
    let place = Self.absolute(home)
    guard place != usual.map(Self.absolute) else { return }
    self.variable = variable
    self.home = place
  }

  /// The command as it is typed.
  public var text: String {
    var text = words.map(Self.quoted).joined(separator: " ")
    if let variable, let home { text = "\(variable)=\(Self.quoted(home)) \(text)" }
    if let folder { text = "cd \(Self.quoted(folder)) && \(text)" }
    return text
  }

  private static func absolute(_ path: String) -> String {
    // Only for showing: without a current folder the path is shown as it was given.
    let whole = path.hasPrefix("/") ? path : ((try? currentDirectory()) ?? "") + "/" + path
    return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }

  /// A word as a shell takes it.
  private static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy {
        switch $0 {
        case 48...57, 65...90, 97...122: true
        default: "/._-+:@%=,".utf8.contains($0)
        }
      }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
