internal import FileIO
internal import SessionCoding
internal import SessionModel

/// The lines of a session file that is being written, staged.
final class StagedLines {
  /// Where they are until the file appears.
  let path: String
  /// The fingerprint of what was written so far.
  private(set) var content = Fingerprint()
  /// Whether the last line has its end.
  private(set) var endsLine = true
  private var output: AtomicOutput?

  init(_ output: consuming AtomicOutput) {
    path = output.temporaryPath
    self.output = consume output
  }

  /// Appends bytes.
  ///
  /// - Parameter separated: Whether they must not share a line with what comes before; a line that had
  ///   no end when it was the last one then gets it.
  func append(_ bytes: ArraySlice<UInt8>, separated: Bool = true) throws(FormatError) {
    guard !bytes.isEmpty else { return }
    do throws(FileError) {
      if separated, !endsLine { try put([UInt8(ascii: "\n")]) }
      try put(bytes)
      endsLine = bytes.last == UInt8(ascii: "\n")
    } catch {
      throw FormatError(writing: error)
    }
  }

  private func put(_ bytes: ArraySlice<UInt8>) throws(FileError) {
    content.update(bytes)
    try output?.write(bytes)
  }

  /// Makes what was written so far readable at ``path``.
  func flush() throws(FormatError) {
    do throws(FileError) {
      try output?.flush()
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// Whether what was written begins as the file that it replaces.
  func continuesExisting() throws(FormatError) -> Bool {
    do throws(FileError) {
      return try output?.continuesExpectedFile() ?? false
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// Makes the file appear.
  func commit(durable: Bool) throws(FileError) {
    if let output = output.take() { try output.commit(durable: durable) }
  }

  func discard() { output = nil }
}
