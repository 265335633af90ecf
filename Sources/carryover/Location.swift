internal import FileIO
internal import SessionCoding
internal import SessionFormats

/// A place named on the command line: a path, a tool's own place, or a pipe.
enum Location {
  /// A file or folder.
  case path(String)
  /// The usual place of a tool, or one session there.
  case tool(any SessionFormat, session: String?)
  /// Standard input or output.
  case pipe

  /// Reads a location; what has a slash before its first colon is a path in any case.
  init(_ argument: String) {
    if argument == "-" {
      self = .pipe
      return
    }
    if let colon = argument.firstIndex(of: ":"), !argument.hasPrefix("."),
      let format = Registry.format(String(argument[..<colon]))
    {
      let session = String(argument[argument.index(after: colon)...])
      self = .tool(format, session: session.isEmpty ? nil : session)
      return
    }
    self = .path(Self.expandingHome(argument))
  }

  private static func expandingHome(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = homeDirectory() else { return path }
    return home + path.dropFirst()
  }

  /// The usual place of a tool on this machine.
  static func defaultPath(of format: any SessionFormat) throws(Ending) -> String {
    guard let path = format.info.defaultLocation() else {
      throw Ending(
        .usage, "\(format.info.id): has no usual place on this machine; give a path instead")
    }
    return path
  }
}
