internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionFormats
internal import SessionModel

/// A source found, recognised and, when it is a pipe, copied to a private file.
struct OpenedSource {
  let format: any SessionFormat
  let path: String
  /// The sessions asked for: those of the options, and the one in the location.
  let wanted: [String]
  /// The limits of reading.
  let options: ReadOptions
  /// Keeps the copy of a pipe as long as it is read.
  private let spool: TemporaryDirectory?
  /// What to call it in messages.
  let name: String

  init(
    _ argument: String, format given: (any SessionFormat)?, sessions: [String] = [],
    options: ReadOptions = ReadOptions()
  ) throws(Ending) {
    self.options = options
    var wanted = sessions
    var given = given
    switch Location(argument) {
    case .pipe:
      let spool: TemporaryDirectory
      do throws(FileError) {
        spool = try TemporaryDirectory()
        path = try spool.spoolStandardInput(as: "standard-input")
      } catch {
        throw Ending(.source, error.description)
      }
      self.spool = spool
      name = "standard input"
      if let given, !given.info.isSingleFile {
        throw Ending(
          .usage,
          "\(given.info.id) is not a format of single files, so it cannot be read from a "
            + "pipe; give a path")
      }
    case .tool(let format, let session):
      if let given, given.info.id != format.info.id {
        throw Ending(
          .usage, "\(argument) and --from \(given.info.id) name different formats; leave one out")
      }
      given = format
      path = try Location.defaultPath(of: format)
      name = path
      spool = nil
      if let session { wanted.append(session) }
    case .path(let location):
      path = location
      name = location
      spool = nil
    }
    self.wanted = wanted
    if let given {
      if try Self.checkKind(of: path, name) { try Self.check(path, name, is: given) }
      self.format = given
    } else {
      guard try Self.checkKind(of: path, name) else {
        throw Ending(.source, "\(name) does not exist; check the path")
      }
      self.format = try Self.recognise(path, name)
    }
  }

  /// Refuses a store that is another tool's.
  private static func check(
    _ path: String, _ name: String, is given: any SessionFormat
  ) throws(Ending) {
    if given.recognizes(path) { return }
    let others = Registry.formats.filter { $0.recognizes(path) }
    guard let other = others.first else { return }
    throw Ending(
      .source,
      "\(name) holds no sessions of \(given.info.name); it looks like \(other.info.name), so give "
        + "--from \(other.info.id) or leave --from out")
  }

  /// Refuses what is neither a folder nor a regular file; gives whether there is something.
  @discardableResult
  private static func checkKind(of path: String, _ name: String) throws(Ending) -> Bool {
    let kind: FileStatus.Kind?
    do throws(FileError) {
      if let status = try FileStatus(path: path) {
        kind = status.kind
      } else {
        kind = try FileStatus(path: path, followingLinks: false)?.kind
      }
    } catch {
      throw Ending(.source, error.description)
    }
    switch kind {
    case nil: return false
    case .file, .directory: return true
    case .symbolicLink:
      throw Ending(.source, "\(name) is a symbolic link that leads nowhere; check where it points")
    case .pipe:
      throw Ending(
        .source,
        "\(name) is a named pipe, not a file; for a stream give - as the source and send it to "
          + "standard input")
    case let kind?:
      throw Ending(.source, "\(name) is \(kind.name); give a regular file or a folder")
    }
  }

  private static func recognise(_ path: String, _ name: String) throws(Ending)
    -> any SessionFormat
  {
    let found = Registry.formats.filter { $0.recognizes(path) }
    if found.count == 1 { return found[0] }
    if found.isEmpty {
      throw Ending(
        .source,
        "\(name) holds no sessions that are recognised; `carryover formats` lists what is, and --from "
          + "FORMAT says what it is")
    }
    let ids = found.map(\.info.id).joined(separator: " or ")
    throw Ending(.source, "\(name) can be read as \(ids); say which with --from FORMAT")
  }

  /// Opens the source.
  func open() throws(Ending) -> any SessionSource {
    do throws(FormatError) {
      return try format.open(path, options: options)
    } catch {
      throw Ending(.source, shown(error.description))
    }
  }

  /// The sessions asked for, or all.
  ///
  /// - Parameter store: The live store that the source is; it knows short names of sessions.
  func sessions(
    of source: any SessionSource, in store: LiveStore? = nil
  ) throws(Ending) -> [SessionSummary] {
    do throws(FormatError) {
      let names = wanted.map { store?.fullName(of: $0) ?? $0 }
      return try SessionSelection(names).select(from: try source.sessions())
    } catch {
      throw Ending(.source, "\(name): \(shown(error.description))")
    }
  }

  /// What is left out of sessions, for commands that do not tell their findings.
  func leftOut(
    of sessions: [SessionSummary], in source: any SessionSource
  ) throws(Ending) -> [Finding] {
    var findings: [Finding] = []
    for session in sessions {
      do throws(FormatError) {
        findings += try source.leftOut(of: session.id).findings
      } catch {
        throw Ending(.source, shown(error.description))
      }
    }
    return findings
  }

  /// Tells findings on standard error.
  func tell(_ findings: [Finding], _ output: OutputOptions) throws(Ending) {
    var page = Page(output, errors: true)
    for finding in findings {
      let place = finding.place.map { "\(shown($0.description)): " } ?? ""
      try page.print("carryover: \(place)\(finding.message)", .yellow)
    }
    try page.finish()
  }

  /// A text in which the private copy of a pipe has the pipe's name.
  func shown(_ text: String) -> String {
    guard spool != nil else { return text }
    var shown = ""
    var rest = Substring(text)
    while let match = rest.firstRange(of: path) {
      shown += rest[..<match.lowerBound] + name
      rest = rest[match.upperBound...]
    }
    return shown + rest
  }
}
