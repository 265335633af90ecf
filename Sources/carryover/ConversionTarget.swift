internal import FileIO
internal import SessionCoding
internal import SessionFormats

/// Where a conversion writes to; a pipe is written to a private file first.
struct ConversionTarget {
  let format: any RestorableSessionFormat
  let profile: String?
  let path: String
  /// What to call it in messages.
  let name: String
  private let spool: TemporaryDirectory?

  /// Whether the result goes to standard output.
  var isPipe: Bool { spool != nil }

  init(_ argument: String, _ given: TargetArgument?) throws(Ending) {
    profile = given?.profile
    switch Location(argument) {
    case .pipe:
      guard let given else { throw Self.formatNeeded }
      guard given.format.info.isSingleFile else {
        throw Ending(
          .usage,
          "\(given.format.info.id) is not a format of single files, so it cannot be "
            + "written to a pipe; give a path")
      }
      format = given.format
      name = "standard output"
      do throws(FileError) {
        let spool = try TemporaryDirectory()
        path = spool.path(of: "standard-output.tmp")
        self.spool = spool
      } catch {
        throw Ending(output: error)
      }
    case .tool(let tool, let session):
      if let session {
        throw Ending(
          .usage, "the destination is a whole store; leave out \(session) after \(tool.info.id):")
      }
      if let given, given.format.info.id != tool.info.id {
        throw Ending(
          .usage, "\(argument) and --to \(given.format.info.id) name different formats")
      }
      guard let writable = tool as? any RestorableSessionFormat else {
        throw Ending(.usage, "\(tool.info.id) is read, but not written; see `carryover formats`")
      }
      format = writable
      path = try Location.defaultPath(of: tool)
      name = path
      spool = nil
    case .path(let location):
      let found = Registry.writable.filter { $0.recognizes(location) }
      guard let target = given?.format ?? (found.count == 1 ? found[0] : nil) else {
        throw Self.formatNeeded
      }
      format = target
      path = location
      name = location
      spool = nil
    }
  }

  private static var formatNeeded: Ending {
    let ids = Registry.writable.map(\.info.id).joined(separator: ", ")
    return Ending(.usage, "say which format to write with --to FORMAT: \(ids)")
  }
}
