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
        path = spool.path(of: "standard-output" + (given.format.info.endings.first ?? ".tmp"))
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
      guard
        let target = given?.format ?? (found.count == 1 ? found[0] : nil)
          ?? Self.format(named: location)
      else { throw Self.formatNeeded }
      try Self.checkNotArchive(location)
      format = target
      path = location
      name = location
      spool = nil
    }
  }

  /// The format whose files have names that end so; of several the one with the longest ending.
  private static func format(named path: String) -> (any RestorableSessionFormat)? {
    let matches = Registry.writable.compactMap { format -> (any WritableSessionFormat, Int)? in
      let length = format.info.endings.filter { path.hasSuffix($0) }.map(\.utf8.count).max()
      return length.map { (format, $0) }
    }
    // `.jsonl` is how the files of most tools end.
    guard let best = matches.max(by: { $0.1 < $1.1 }),
      best.1 > ".jsonl".utf8.count || !path.hasSuffix(".jsonl")
    else { return nil }
    return best.0
  }

  /// Refuses the name of an archive, where a folder would be made.
  private static func checkNotArchive(_ path: String) throws(Ending) {
    guard FileStatus.guess(path) == nil, ArchiveName.isOne(path) else { return }
    throw Ending(
      .usage,
      "\(path) is the name of an archive, which `carryover backup` makes; convert to a folder with "
        + "another name")
  }

  private static var formatNeeded: Ending {
    let ids = Registry.writable.map(\.info.id).joined(separator: ", ")
    return Ending(.usage, "say which format to write with --to FORMAT: \(ids)")
  }
}
