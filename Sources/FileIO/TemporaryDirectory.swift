#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A private folder in the system's place for temporary files, removed with its owner.
public final class TemporaryDirectory: Sendable {
  /// The folder's path.
  public let path: String
  /// Tells other processes that this one lives.
  private let lock: StrayLock?

  /// Creates an empty folder (permissions 0700) in `$TMPDIR`, or in `/tmp`.
  ///
  /// - Throws: What creating it reports.
  public init() throws(FileError) {
    let place = environmentVariable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    TemporaryFiles.clear(place)
    while true {
      let path = joinPath(place, TemporaryFiles.makeName(for: "carryover"))
      if unsafe mkdir(path, 0o700) == 0 {
        try TemporaryFiles.register(path)
        self.path = path
        // Where there are no locks, the process number in the name tells that its owner lives.
        lock = try? StrayLock(path)
        return
      }
      let error = FileError.last(path: path, operation: "creating", access: .writing)
      if error.code != .exists { throw error }
    }
  }

  deinit {
    // Nobody is left to tell; the name stays recognisable if this fails.
    discardTree(path)
    TemporaryFiles.unregister(path)
  }

  /// The path of `name` inside the folder.
  public func path(of name: String) -> String { joinPath(path, name) }

  /// Copies all of the standard input to a new file `name` (permissions 0600) of the folder.
  ///
  /// - Returns: The file's path.
  /// - Throws: What reading or writing reports.
  public func spoolStandardInput(as name: String) throws(FileError) -> String {
    let path = path(of: name)
    let input = FileDescriptor(borrowing: 0, path: "standard input")
    var output = try AtomicOutput(replacing: path)
    var buffer = ByteBuffer()
    guard buffer.resize(to: 256 << 10) else {
      throw FileError(.noResources, path: path, errno: ENOMEM, operation: "reading")
    }
    while case let count = try buffer.fill(from: 0, reading: input), count > 0 {
      try output.write(buffer.copy(0..<count))
    }
    try output.commit(durable: false)
    return path
  }
}
