#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file written from the start; any failure ends the program.
struct OutputFile: ~Copyable {
  private let file: UnsafeMutablePointer<FILE>
  private let path: String
  private(set) var bytesWritten = 0

  init(path: String) {
    guard let file = fopen(path, "wb") else { fail("cannot write \(path)") }
    self.file = file
    self.path = path
  }

  deinit {
    if fclose(file) != 0 { fail("cannot write \(path)") }
  }

  mutating func write(_ bytes: [UInt8]) {
    if fwrite(bytes, 1, bytes.count, file) != bytes.count { fail("cannot write \(path)") }
    bytesWritten += bytes.count
  }
}

func fail(_ message: String) -> Never {
  let line = Array("make-corpus: \(message)\n".utf8)
  _ = write(2, line, line.count)
  exit(1)
}
