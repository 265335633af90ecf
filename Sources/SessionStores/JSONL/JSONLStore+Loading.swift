internal import FileIO
internal import SessionModel

extension JSONLStore {
  /// The longest line that documented releases load, in bytes without the line feed.
  static let maximumLineLength = 10_485_759

  /// Reads a session.
  ///
  /// Original: `Load`.
  ///
  /// Lines that do not decode are left out, as the tool leaves them out; they stay in the file. A
  /// checkpoint's messages stand for what came before it.
  ///
  /// - Parameter onDamage: Told each line that was left out although it should count.
  /// - Throws: `.notFound`; `.notReadable` if a line is longer than the tool loads.
  public func load(
    _ id: String, onDamage: (_ line: Int, _ reason: String) -> Void
  ) throws(StoreError) -> Session {
    let path = try path(ofLoaded: id)
    var loading = Loading(id: id, profile: options.profile)
    // Current releases skip lines that are too long, one byte longer where nothing ends them.
    let isCurrent = options.profile == .current
    do throws(FileError) {
      var lines = try LineReader(
        path: path, maximumLineLength: Self.maximumLineLength + (isCurrent ? 1 : 0))
      while try isCurrent ? lines.advance(passingOver: { _ in }) : lines.advance() {
        if isCurrent,
          lines.withLine({ $0.count }) + (lines.lineIsTerminated ? 1 : 0) > 10_485_760
        {
          continue
        }
        loading.add(lines.copyLine(), line: lines.lineNumber, onDamage: onDamage)
      }
    } catch {
      if error.code == .notFound { throw Self.notFound(id) }
      if error.code == .lineTooLong {
        throw StoreError(.notReadable, "reading session \(id): bufio.Scanner: token too long")
      }
      throw StoreError(.notReadable, "reading session \(id): \(error.description)")
    }
    return loading.session(loadedAt: options.now())
  }

  /// Reads a session.
  ///
  /// Original: `Load`. See ``load(_:onDamage:)``.
  public func load(_ id: String) throws(StoreError) -> Session {
    try load(id) { _, _ in }
  }

  /// A session as Markdown.
  ///
  /// Original: `ExportMarkdown`.
  ///
  /// - Throws: As ``load(_:)``.
  public func exportMarkdown(_ id: String) throws(StoreError) -> String {
    exportSessionMarkdown(try load(id))
  }

  private func path(ofLoaded id: String) throws(StoreError) -> String {
    do throws(StoreError) {
      return try path(of: id)
    } catch {
      throw Self.notFound(id)
    }
  }

  private static func notFound(_ id: String) -> StoreError {
    StoreError(.notFound, "session \(id) not found")
  }
}
