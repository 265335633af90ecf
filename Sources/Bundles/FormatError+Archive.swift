internal import Archive
internal import FileIO
internal import SessionCoding
internal import SessionModel

extension FormatError {
  /// A failure to read an archive.
  init(_ error: ArchiveError, path: String) {
    let code: Code =
      switch error.code {
      case .notAnArchive: .notRecognised
      case .limit: .limit
      case .notReadable: .notReadable
      default: .damaged
      }
    self.init(code, error.description, at: .file(path: path))
  }
}

/// Runs reading of an archive, with its failures as those of a format.
func reading<Value: ~Copyable>(
  _ path: String, _ body: () throws(ArchiveError) -> Value
) throws(FormatError) -> Value {
  do throws(ArchiveError) {
    return try body()
  } catch {
    throw FormatError(error, path: path)
  }
}

/// Runs reading of files, with its failures as those of a format.
func reading<Value: ~Copyable>(_ body: () throws(FileError) -> Value) throws(FormatError) -> Value {
  do throws(FileError) {
    return try body()
  } catch {
    throw FormatError(reading: error)
  }
}

/// Runs writing of files, with its failures as those of a target.
func writing<Value: ~Copyable>(_ body: () throws(FileError) -> Value) throws(FormatError) -> Value {
  do throws(FileError) {
    return try body()
  } catch {
    throw FormatError(writing: error)
  }
}
