#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A staged directory, whose files, or which as a whole, are published by renaming.
///
/// It goes with all it contains when it goes out of scope.
public struct StagedDirectory: ~Copyable, Sendable {
  /// The directory's path, beside the target.
  public let path: String
  private let target: String
  /// Tells other processes that this one lives.
  private let lock: StrayLock?

  /// Creates an empty directory (permissions 0700) beside `target`, on the same file system.
  ///
  /// - Throws: What creating it reports.
  public init(nextTo target: String) throws(FileError) {
    try checkPath(target, operation: "creating")
    let (directory, name) = splitPath(target)
    let path = try Self.createTemporary(in: directory, for: name)
    self.path = path
    self.target = target
    // Where there are no locks, the process number in the name tells that its owner lives.
    lock = try? StrayLock(path)
  }

  deinit {
    // Nobody is left to tell; the name stays recognisable if this fails.
    discardTree(path)
    TemporaryFiles.unregister(path)
  }

  /// The path of `name` inside the directory.
  public func path(of name: String) -> String { joinPath(path, name) }

  /// Publishes the file `name` of this directory at `destination`.
  ///
  /// - Parameters:
  ///   - replacing: Whether a file that stands there is replaced, else refused as `.exists`.
  ///   - durable: Whether the file and its name are on the disk when this returns.
  /// - Throws: `.isSymbolicLink`, `.isDirectory`, `.exists`, and what the system reports.
  public func publishFile(
    _ name: String, at destination: String, replacing: Bool, durable: Bool = true
  ) throws(FileError) {
    let source = path(of: name)
    if durable { try synchronize(source) }
    if replacing {
      try checkTarget(destination, operation: "publishing")
      try renameFile(source, to: destination)
    } else {
      try renameFileIfAbsent(source, to: destination)
    }
    if durable { try synchronize(splitPath(destination).directory) }
  }

  /// Publishes the directory as a whole at the target, which must be absent or an empty directory.
  ///
  /// The files in it are made durable by whoever writes them.
  ///
  /// - Throws: `.exists` if the target has content, and what the system reports.
  public consuming func commit(durable: Bool = true) throws(FileError) {
    if durable { try synchronize(path) }
    try renameFile(path, to: target)
    if durable { try synchronize(splitPath(target).directory) }
  }

  private static func createTemporary(in directory: String, for name: String) throws(FileError)
    -> String
  {
    TemporaryFiles.clear(directory)
    while true {
      let path = joinPath(directory, TemporaryFiles.makeName(for: name))
      if unsafe mkdir(path, 0o700) == 0 {
        try TemporaryFiles.register(path)
        return path
      }
      let error = FileError.last(
        path: joinPath(directory, name), operation: "creating", access: .writing)
      if error.code != .exists { throw error }
    }
  }
}
