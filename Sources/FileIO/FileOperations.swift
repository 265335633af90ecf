#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Creates a directory; one that is already there is not an error and keeps its permissions.
///
/// - Parameters:
///   - permissions: For every directory created, before the process's mask.
///   - intermediates: Whether missing directories above it are created too.
/// - Throws: `.exists` if something else stands there, and what the system reports.
public func createDirectory(
  _ path: String, permissions: UInt32 = 0o700, intermediates: Bool = true
) throws(FileError) {
  try checkPath(path, operation: "creating")
  let parent = splitPath(path).directory
  // Somebody else may create the same meanwhile, or remove it or the one above while it is empty, as
  // often as there are sessions to tidy up behind.
  var attempts = intermediates && parent != path ? 10_000 : 0
  while true {
    if unsafe mkdir(path, mode_t(truncatingIfNeeded: permissions)) == 0 { return }
    let number = lastErrno()
    var isMissing = number == ENOENT
    if number == EEXIST {
      let status = try FileStatus(path: path)
      if status?.kind == .directory { return }
      isMissing = status == nil
    }
    guard isMissing, attempts > 0 else {
      throw FileError(system: number, path: path, operation: "creating", access: .writing)
    }
    attempts -= 1
    if number == ENOENT { try createDirectory(parent, permissions: permissions) }
  }
}

/// Whether files can be added to a folder, or beside a file.
///
/// For what stands nowhere yet the folder above it counts.
public func canAddFiles(to path: String) -> Bool {
  // What cannot be looked at is nothing to add to.
  let isFolder = ((try? FileStatus(path: path)) ?? nil)?.kind == .directory
  return unsafe access(isFolder ? path : splitPath(path).directory, W_OK | X_OK) == 0
}

/// Removes a file or symbolic link.
///
/// - Returns: Whether there was one.
/// - Throws: `.isDirectory` for a directory, and what else the system reports.
@discardableResult
public func removeFile(_ path: String) throws(FileError) -> Bool {
  try checkPath(path, operation: "removing")
  if unsafe unlink(path) == 0 { return true }
  if lastErrno() == ENOENT { return false }
  throw .last(path: path, operation: "removing", access: .writing)
}

/// Renames a file; one that stands at the new path is replaced in one step.
public func renameFile(_ path: String, to newPath: String) throws(FileError) {
  try checkPath(path, operation: "renaming")
  try checkPath(newPath, operation: "renaming")
  guard unsafe rename(path, newPath) == 0 else {
    throw .last(path: newPath, operation: "renaming", access: .writing)
  }
}

/// Renames a file and refuses to replace anything.
///
/// - Throws: `.exists` if something stands at the new path.
public func renameFileIfAbsent(_ path: String, to newPath: String) throws(FileError) {
  try checkPath(path, operation: "renaming")
  try checkPath(newPath, operation: "renaming")
  if unsafe link(path, newPath) == 0 {
    try removeFile(path)
    return
  }
  switch lastErrno() {
  case EPERM, ENOTSUP, EOPNOTSUPP, EMLINK, ENOSYS:
    // A file system without hard links, or a directory: the check and the renaming are two steps.
    guard try FileStatus(path: newPath, followingLinks: false) == nil else {
      throw FileError(.exists, path: newPath, errno: EEXIST, operation: "renaming")
    }
    try renameFile(path, to: newPath)
  default:
    throw .last(path: newPath, operation: "renaming", access: .writing)
  }
}

/// Removes a directory when it is empty.
///
/// - Returns: Whether it was there and empty, in one step with removing it.
@discardableResult
public func removeEmptyDirectory(_ path: String) throws(FileError) -> Bool {
  try checkPath(path, operation: "removing")
  if unsafe rmdir(path) == 0 { return true }
  switch lastErrno() {
  case ENOENT, ENOTEMPTY, EEXIST: return false
  default: throw .last(path: path, operation: "removing", access: .writing)
  }
}

/// Removes a file or a directory with all it contains; links are removed, never followed.
///
/// - Throws: What the system reports; that nothing is there is not an error.
public func removeTree(_ path: String) throws(FileError) {
  guard let status = try FileStatus(path: path, followingLinks: false) else { return }
  guard status.kind == .directory else {
    try removeFile(path)
    return
  }
  for entry in try listDirectory(path) { try removeTree(joinPath(path, entry.name)) }
  guard unsafe rmdir(path) == 0 || lastErrno() == ENOENT else {
    throw .last(path: path, operation: "removing", access: .writing)
  }
}

/// Gives a file its permission bits and the time of its last change; nil leaves one as it is.
///
/// - Throws: What the system reports.
public func setAttributes(
  of path: String, permissions: UInt32?, modified: FileStatus.Time?
) throws(FileError) {
  try checkPath(path, operation: "setting the mode and time of")
  if let permissions, unsafe chmod(path, mode_t(truncatingIfNeeded: permissions)) != 0 {
    throw .last(path: path, operation: "setting the mode of", access: .writing)
  }
  guard let modified else { return }
  let time = timespec(tv_sec: time_t(modified.seconds), tv_nsec: Int(modified.nanoseconds))
  // The time of the last access becomes the same, which no tool looks at.
  guard unsafe utimensat(AT_FDCWD, path, [time, time], 0) == 0 else {
    throw .last(path: path, operation: "setting the time of", access: .writing)
  }
}

/// Makes a file's content, or a directory's names, durable (`fsync`).
///
/// File systems that cannot do so for directories are not an error.
public func synchronize(_ path: String) throws(FileError) {
  let file = try FileDescriptor(opening: path, flags: O_RDONLY, access: .reading, as: nil)
  do throws(FileError) {
    try file.synchronize()
  } catch  where error.errno == EINVAL || error.errno == ENOTSUP {
    return
  }
}
