#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads a whole file that is known to be small; large ones are streamed.
///
/// A file that has no size, as the system's own in `/proc`, is read to its end.
///
/// - Parameter limit: The largest size accepted, in bytes.
/// - Throws: `.fileTooLarge` above the limit, and what opening and reading report.
public func readFile(_ path: String, limit: Int = 1 << 30) throws(FileError) -> [UInt8] {
  let file = try FileDescriptor(
    opening: path, flags: O_RDONLY, access: .reading, operation: "reading")
  let size = try file.status().size
  let tooLarge = FileError(
    .fileTooLarge, path: path, operation: "reading", offset: UInt64(max(0, limit)))
  guard size <= UInt64(max(0, limit)) else { throw tooLarge }

  if size > 0 {
    let bytes = try file.read(at: 0, count: Int(size))
    if bytes.count < Int(size) { return bytes }
    // Most files end here; one that grows meanwhile is read on below.
    try file.seek(to: size)
    return try readRest(of: file, after: bytes, limit: limit, tooLarge: tooLarge)
  }
  return try readRest(of: file, after: [], limit: limit, tooLarge: tooLarge)
}

private func readRest(
  of file: borrowing FileDescriptor, after start: consuming [UInt8], limit: Int, tooLarge: FileError
) throws(FileError) -> [UInt8] {
  var bytes = start
  var buffer = ByteBuffer()
  guard buffer.resize(to: 64 << 10) else {
    throw FileError(.noResources, path: file.path, errno: ENOMEM, operation: "reading")
  }
  while case let count = try buffer.fill(from: 0, reading: file), count > 0 {
    guard count <= limit - bytes.count else { throw tooLarge }
    bytes.append(contentsOf: buffer.copy(0..<count))
  }
  return bytes
}
