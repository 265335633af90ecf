internal import Archive
internal import FileIO
internal import SessionCoding

/// Bytes that are held in memory until they are many, then in a private file.
final class SpillBuffer {
  private var bytes: [UInt8] = []
  private var output: AtomicOutput?
  private let folder: TemporaryDirectory
  private let name: String

  init(in folder: TemporaryDirectory, name: String) {
    self.folder = folder
    self.name = name
  }

  func append(_ more: ArraySlice<UInt8>) throws(FormatError) {
    bytes.append(contentsOf: more)
    if UInt64(bytes.count) > PayloadFile.heldSize { try spill() }
  }

  private func spill() throws(FormatError) {
    try writing { () throws(FileError) in
      if output == nil { output = try AtomicOutput(replacing: folder.path(of: name)) }
      try output?.write(bytes)
    }
    bytes.removeAll()
  }

  /// What was appended, as a file of a bundle.
  func finish(path: String) throws(FormatError) -> PayloadFile {
    guard output != nil else { return PayloadFile(path: path, bytes: bytes) }
    try spill()
    try writing { () throws(FileError) in try output.take()?.commit(durable: false) }
    return try PayloadFile(path: path, file: folder.path(of: name))
  }
}
