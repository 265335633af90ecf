#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Appends whole records to a file with one write each, creating the file if it is missing.
///
/// The write goes to the end of the file whatever other processes append meanwhile (`O_APPEND`).
///
/// - Parameters:
///   - permissions: Of a new file, before the process's mask.
///   - mendingLine: Whether a line feed is written first when the last line of the file lacks one.
///     Without it the record would become a part of that line.
///   - durable: Whether the bytes are on the disk when this returns.
/// - Returns: The sizes of the file before and after.
/// - Throws: What opening or writing reports. After a failure a part may stand in the file.
@discardableResult
public func appendToFile(
  _ path: String, _ bytes: [UInt8], permissions: UInt32 = 0o600, mendingLine: Bool = true,
  durable: Bool = false
) throws(FileError) -> (before: UInt64, after: UInt64) {
  var file = try FileDescriptor(
    opening: path, flags: O_RDWR | O_APPEND | O_CREAT, permissions: permissions,
    access: .writing, operation: "appending")
  let size = try file.status().size
  var bytes = bytes
  if mendingLine, size > 0, try file.read(at: size - 1, count: 1) != [0x0A] {
    bytes.insert(0x0A, at: 0)
  }
  try file.write(bytes.span)
  if durable { try file.synchronize() }
  try file.close()
  return (size, size &+ UInt64(bytes.count))
}

/// Creates an empty file unless something stands there.
///
/// - Returns: Whether it was created.
@discardableResult
public func createFileIfAbsent(
  _ path: String, _ bytes: [UInt8] = [], permissions: UInt32 = 0o600
) throws(FileError) -> Bool {
  var file: FileDescriptor
  do throws(FileError) {
    file = try FileDescriptor(
      opening: path, flags: O_WRONLY | O_CREAT | O_EXCL, permissions: permissions,
      access: .writing, operation: "creating")
  } catch {
    if error.code == .exists { return false }
    throw error
  }
  try file.write(bytes.span)
  try file.close()
  return true
}
