#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The fingerprint of a file's content, read in pieces.
///
/// - Throws: What opening and reading report.
public func fingerprint(ofFile path: String) throws(FileError) -> Fingerprint {
  let file = try FileDescriptor(opening: path, flags: O_RDONLY, access: .reading)
  var buffer = ByteBuffer()
  guard buffer.resize(to: 256 << 10) else {
    throw FileError(.noResources, path: path, errno: ENOMEM, operation: "reading")
  }
  var result = Fingerprint()
  while case let count = try buffer.fill(from: 0, reading: file), count > 0 {
    buffer.withSpan(0..<count) { result.update($0) }
  }
  return result
}
