#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A staged file, published by renaming it.
///
/// Until `commit` the target is untouched. An output that goes out of scope without `commit`, or
/// whose `commit` fails, removes its temporary file.
public struct AtomicOutput: ~Copyable, Sendable {
  private static let bufferSize = 256 << 10

  /// What has to stand at the path for the output to be published there.
  public enum Expectation: Sendable, Hashable {
    /// Anything but a folder or a symbolic link.
    case anything
    /// Nothing.
    case nothing
    /// The file that was looked at, untouched since (its status, links not followed).
    case file(FileStatus)

    /// What was found by a look at a path.
    public init(_ status: FileStatus?) { self = status.map { .file($0) } ?? .nothing }
  }

  /// The path that `commit` publishes.
  public let path: String
  /// The path written to until then, in the same directory.
  public let temporaryPath: String
  /// The number of bytes given to `write` so far.
  public private(set) var bytesWritten: UInt64 = 0

  private var file: FileDescriptor
  private var buffer: [UInt8] = []
  private var failure: FileError?
  private var isPublished = false
  private let expectation: Expectation

  /// Starts a file that will stand at `path`.
  ///
  /// - Parameters:
  ///   - permissions: Of the new file, before the process's mask.
  ///   - temporaryName: The name to write under, in the same directory; else a unique one.
  ///   - expectation: What `commit` may replace.
  /// - Throws: `.isSymbolicLink` or `.isDirectory` if such a thing stands at `path`, `.exists` if a
  ///   file of the given temporary name does, and what creating the file reports.
  public init(
    replacing path: String, permissions: UInt32 = 0o600, temporaryName: String? = nil,
    expecting expectation: Expectation = .anything
  ) throws(FileError) {
    self.expectation = expectation
    try checkTarget(path, operation: "writing")
    let (directory, name) = splitPath(path)
    if let temporaryName, temporaryName.isEmpty || temporaryName.utf8.contains(UInt8(ascii: "/")) {
      throw FileError(.invalidPath, path: temporaryName, operation: "writing")
    }
    file = try Self.createTemporary(
      in: directory, for: name, named: temporaryName, permissions: permissions)
    temporaryPath = file.path
    self.path = path
    buffer.reserveCapacity(Self.bufferSize + Self.bufferSize / 4)
  }

  deinit {
    if !isPublished {
      // Nobody is left to tell; the name stays recognisable if this fails.
      discardFile(temporaryPath)
    }
    TemporaryFiles.unregister(temporaryPath)
  }

  /// Appends `bytes`.
  ///
  /// - Throws: `.noSpace`, `.fileTooLarge` and what else the system reports. After a failure the
  ///   output cannot be committed any more.
  public mutating func write(_ bytes: [UInt8]) throws(FileError) {
    try write(bytes.span)
  }

  /// Appends `bytes`; fails as `write(_:)` for an array does.
  public mutating func write(_ bytes: ArraySlice<UInt8>) throws(FileError) {
    try write(bytes.span)
  }

  /// Appends `bytes`; fails as `write(_:)` for an array does.
  public mutating func write(_ bytes: Span<UInt8>) throws(FileError) {
    if buffer.count + bytes.count > Self.bufferSize { try flush() }
    if bytes.count >= Self.bufferSize {
      try checkIsIntact()
      do throws(FileError) {
        try file.write(bytes)
      } catch {
        throw note(error)
      }
    } else {
      unsafe bytes.withUnsafeBufferPointer { unsafe buffer.append(contentsOf: $0) }
    }
    bytesWritten += UInt64(bytes.count)
  }

  /// Appends the UTF-8 of `text`; fails as `write(_:)` for an array does.
  public mutating func write(_ text: String) throws(FileError) {
    try write(text.utf8.span)
  }

  /// Appends what `body` appends to the bytes that wait to be written; fails as `write(_:)` for an array
  /// does.
  ///
  /// - Parameter body: Must leave the bytes that are there already as they are.
  public mutating func append(_ body: (inout [UInt8]) -> Void) throws(FileError) {
    let before = buffer.count
    body(&buffer)
    bytesWritten += UInt64(buffer.count - before)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Hands all bytes written so far to the system, so that others can read `temporaryPath`.
  public mutating func flush() throws(FileError) {
    try checkIsIntact()
    do throws(FileError) {
      try file.write(buffer.span)
    } catch {
      throw note(error)
    }
    // One record may have been very long.
    buffer.removeAll(keepingCapacity: buffer.count <= 2 * Self.bufferSize)
  }

  /// Publishes the file at `path`, replacing what stands there in one step.
  ///
  /// An expected file that the output only continues is appended to instead, and so stays the same
  /// file for programs that have it open.
  ///
  /// - Parameters:
  ///   - durable: Whether the file is on the disk when this returns.
  ///   - synchronizesFolder: Whether its name is too; a caller that publishes many files in a folder
  ///     synchronizes that once, at the end.
  /// - Throws: `.changed` when the expectation is not met, `.inUse` when a program keeps a file that has
  ///   to be replaced open for writing, and what writing or renaming reports; the target is then as it
  ///   was before, except for a failure to make the new name durable, when it is complete and in place.
  public consuming func commit(
    durable: Bool = true, synchronizesFolder: Bool = true
  ) throws(FileError) {
    try close(durable: durable)
    try checkTarget(path, operation: "publishing")
    switch expectation {
    case .anything: try renameFile(temporaryPath, to: path)
    case .nothing: try renameIfExpected()
    case .file(let status):
      let present = ExpectedFile(path: path, status: status)
      // The temporary file goes with this output.
      if try present.append(restOf: temporaryPath, durable: durable) { return }
      try present.replace(by: temporaryPath)
    }
    try finish(durable: durable && synchronizesFolder)
  }

  /// Publishes the file at `path` unless something stands there.
  ///
  /// - Throws: `.exists` then; otherwise as `commit`.
  public consuming func commitIfAbsent(durable: Bool = true) throws(FileError) {
    try close(durable: durable)
    try renameFileIfAbsent(temporaryPath, to: path)
    try finish(durable: durable)
  }

  /// Whether what was written so far continues the expected file, byte for byte.
  public mutating func continuesExpectedFile() throws(FileError) -> Bool {
    guard case .file(let status) = expectation else { return false }
    try flush()
    return try ExpectedFile(path: path, status: status).isBeginning(of: temporaryPath)
  }

  private func renameIfExpected() throws(FileError) {
    do throws(FileError) {
      try renameFileIfAbsent(temporaryPath, to: path)
    } catch {
      guard error.code == .exists else { throw error }
      throw FileError(.changed, path: path, errno: error.errno, operation: "publishing")
    }
  }

  private mutating func close(durable: Bool) throws(FileError) {
    try flush()
    if durable { try file.synchronize() }
    try file.close()
  }

  private mutating func finish(durable: Bool) throws(FileError) {
    isPublished = true
    if durable { try synchronize(splitPath(path).directory) }
  }

  private func checkIsIntact() throws(FileError) {
    if let failure { throw failure }
  }

  /// Remembers that bytes are missing, and names the path the caller knows.
  private mutating func note(_ error: FileError) -> FileError {
    var error = error
    error.path = path
    failure = error
    return error
  }

  private static func createTemporary(
    in directory: String, for name: String, named temporaryName: String?, permissions: UInt32
  ) throws(FileError) -> FileDescriptor {
    TemporaryFiles.clear(directory)
    while true {
      let path = joinPath(directory, temporaryName ?? TemporaryFiles.makeName(for: name))
      let file: FileDescriptor
      do throws(FileError) {
        file = try FileDescriptor(
          opening: path, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
          permissions: permissions, access: .writing, operation: "creating")
      } catch {
        // A stray of an earlier process with the same number: take the next name.
        if error.code == .exists && temporaryName == nil { continue }
        var error = error
        error.path = joinPath(directory, name)
        throw error
      }
      try TemporaryFiles.register(path)
      // Tells other processes that its writer lives; where there are no locks, the name does.
      _ = file.lockAtOnce()
      return file
    }
  }
}

/// Refuses a target that renaming would replace by surprise.
func checkTarget(_ path: String, operation: String) throws(FileError) {
  switch try FileStatus(path: path, followingLinks: false)?.kind {
  case nil, .file: break
  case .symbolicLink: throw FileError(.isSymbolicLink, path: path, operation: operation)
  case .directory: throw FileError(.isDirectory, path: path, operation: operation)
  case let kind?:
    throw FileError(.notRegularFile, path: path, operation: operation, kind: kind)
  }
}
