#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension FileError {
  /// The direction of an operation: it decides what a missing permission means.
  enum Access { case reading, writing }

  /// The error for a system error number.
  init(system number: Int32, path: String, operation: String, access: Access) {
    self.init(Code(system: number, access: access), path: path, errno: number, operation: operation)
  }

  /// The error for something else than what was expected at a path.
  init(_ found: FileStatus.Kind, insteadOf wanted: FileStatus.Kind, path: String, operation: String)
  {
    switch (wanted, found) {
    case (.directory, _):
      self.init(.notDirectory, path: path, errno: ENOTDIR, operation: operation)
    case (_, .directory):
      self.init(.isDirectory, path: path, errno: EISDIR, operation: operation)
    default: self.init(.notRegularFile, path: path, operation: operation, kind: found)
    }
  }

  /// The error for the calling thread's present `errno`.
  static func last(path: String, operation: String, access: Access) -> FileError {
    FileError(system: lastErrno(), path: path, operation: operation, access: access)
  }
}

extension FileError {
  /// Whether other files of the same file system would fail likewise, not just the one at this path.
  public var concernsAll: Bool {
    switch code {
    case .noSpace, .fileTooLarge, .noResources, .interrupted: true
    case .notWritable: errno == EROFS
    // A name that the file system does not take.
    case .io: errno != EILSEQ && errno != EINVAL
    default: false
    }
  }
}

extension FileError.Code {
  init(system number: Int32, access: FileError.Access) {
    switch number {
    case ENOENT: self = .notFound
    case EACCES, EPERM: self = access == .reading ? .notReadable : .notWritable
    case EROFS: self = .notWritable
    case EISDIR: self = .isDirectory
    case ENOTDIR: self = .notDirectory
    case ELOOP: self = .isSymbolicLink
    case ENOSPC, EDQUOT: self = .noSpace
    case EFBIG: self = .fileTooLarge
    case EEXIST, ENOTEMPTY: self = .exists
    case ENAMETOOLONG: self = .invalidPath
    case ENOMEM, EMFILE, ENFILE: self = .noResources
    case EINTR: self = .interrupted
    default: self = .io
    }
  }
}

extension FileError {
  /// Whether the file is a stream in which nothing can be read out of turn.
  var isUnseekable: Bool { errno == ESPIPE }
}

/// The calling thread's `errno`, under a name that no property shadows.
func lastErrno() -> Int32 { errno }
