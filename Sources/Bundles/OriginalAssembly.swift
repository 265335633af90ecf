internal import Archive
internal import FileIO
internal import SessionCoding

/// A file of an original while media that lie among the blobs are put back into it.
struct OriginalAssembly: ~Copyable {
  private let source: RandomAccessFile
  private var output: AtomicOutput
  private var digest = ContentDigest()
  private var position: UInt64 = 0

  private init(_ path: String) throws(FileError) {
    let source = try RandomAccessFile(path: path)
    let output = try AtomicOutput(replacing: path)
    self.source = source
    self.output = output
  }

  /// Completes a file where it lies.
  ///
  /// - Parameters:
  ///   - path: Where what is left of it is.
  ///   - blobs: The folder of the blobs, all of which are there.
  /// - Returns: Whether the file is the original then.
  static func complete(
    _ path: String, _ file: SourceNote.File, from blobs: String
  ) throws(FormatError) -> Bool {
    try reading { () throws(FileError) in
      var assembly = try OriginalAssembly(path)
      for cut in file.cuts {
        try assembly.copy(to: cut.offset)
        guard assembly.output.bytesWritten == cut.offset else { return false }
        let bytes = try readFile(blobs + "/" + cut.blob)
        try assembly.write(Array(Base64.encode(bytes).utf8))
      }
      try assembly.copy(to: .max)
      return try assembly.finish() == file.digest
    }
  }

  private mutating func write(_ bytes: [UInt8]) throws(FileError) {
    digest.update(bytes)
    try output.write(bytes)
  }

  /// Copies what was not taken out, up to a place in the original.
  private mutating func copy(to end: UInt64) throws(FileError) {
    while output.bytesWritten < end {
      let count = min(UInt64(PayloadFile.pieceSize), end - output.bytesWritten)
      let piece = try source.read(at: position, count: Int(count))
      if piece.isEmpty { return }
      position += UInt64(piece.count)
      try write(piece)
    }
  }

  /// Publishes the whole; gives its digest.
  private consuming func finish() throws(FileError) -> String {
    let digest = digest.hex
    try output.commit(durable: false)
    return digest
  }
}
