/// A file or folder in a tar archive.
public struct TarEntry: Sendable, Hashable {
  /// What is accepted; everything else is refused.
  public enum Kind: Sendable { case file, directory }
  /// The name as it stands in the archive.
  public var name: String
  /// The number of bytes.
  public var size: UInt64
  /// What it is.
  public var kind: Kind
  /// Where its header starts, in bytes of the plain archive.
  public var offset: UInt64
}

/// Reads a tar archive as a stream: ustar, pax and GNU long names; files and folders only.
///
/// Links, devices, sparse files and kinds that are not known are errors, as is an archive whose end
/// marker is missing.
public final class TarReader {
  private let stream: ArchiveStream
  private let limits: ArchiveLimits
  private let needsEnd: Bool
  private var piece: ArraySlice<UInt8> = []
  /// Bytes of the current entry, and of its padding, that were not read yet.
  private var remaining: UInt64 = 0
  private var padding: UInt64 = 0
  private var entries = 0
  private var total: UInt64 = 0
  private var lastName: String?
  private var isAtEnd = false
  private var given: UInt64 = 0
  /// What is unusual at the end of the archive.
  public private(set) var warnings: [String] = []

  /// Creates a reader.
  ///
  /// - Parameter needsEnd: Whether the end marker must be there; parts of an archive have none.
  public init(
    _ stream: ArchiveStream, limits: ArchiveLimits = ArchiveLimits(), needsEnd: Bool = true
  ) {
    self.stream = stream
    self.limits = limits
    self.needsEnd = needsEnd
  }

  /// The next entry; what was not read of the last one is skipped.
  ///
  /// Nil at the end.
  public func next() throws(ArchiveError) -> TarEntry? {
    try skip(&remaining)
    try skip(&padding)
    var longName: String?
    var pax = PaxRecords()
    while !isAtEnd {
      let start = given
      guard let block = try block() else {
        if needsEnd { throw failure(.truncated, "the end of the archive is missing") }
        isAtEnd = true
        return nil
      }
      if block.allSatisfy({ $0 == 0 }) {
        try finish()
        return nil
      }
      let header: TarHeader
      do throws(TarHeader.Problem) {
        header = try TarHeader(block)
      } catch {
        throw problem(error)
      }
      entries += 1
      guard entries <= limits.entries else {
        throw failure(.limit, "the archive has more than \(limits.entries) entries")
      }
      switch header.type {
      case UInt8(ascii: "x"), UInt8(ascii: "g"):
        let bytes = try extended(header)
        guard let records = PaxRecords(bytes) else {
          throw failure(.damaged, "an extended header is damaged")
        }
        if records.isSparse { throw failure(.refusedKind, "sparse files are not read") }
        if header.type == UInt8(ascii: "g") {
          guard records.path == nil, records.size == nil else {
            throw failure(.refusedKind, "one header gives a name or size to all entries")
          }
        } else {
          pax = records
        }
      case UInt8(ascii: "L"):
        guard let name = TarHeader.text(try extended(header)[...]) else {
          throw failure(.refusedName, "a long name is not UTF-8")
        }
        longName = name
      case 0, UInt8(ascii: "0"), UInt8(ascii: "5"):
        var name = pax.path ?? longName ?? header.name
        var kind = header.type == UInt8(ascii: "5") ? TarEntry.Kind.directory : .file
        if name.hasSuffix("/") {
          // Archives older than the type field mark folders so.
          if header.type == 0 { kind = .directory }
          if kind == .file {
            throw failure(.refusedName, "a file's name ends in a slash", entry: name)
          }
          name.removeLast()
        }
        return try begin(name, kind, pax.size ?? header.size, at: start)
      case let type: throw refused(type, name: pax.path ?? longName ?? header.name)
      }
    }
    return nil
  }

  /// The next bytes of the current entry; nil at its end.
  public func read() throws(ArchiveError) -> ArraySlice<UInt8>? {
    guard remaining > 0 else { return nil }
    guard try fill() else {
      throw failure(.truncated, "the archive ends inside an entry")
    }
    let part = piece.prefix(Int(min(remaining, UInt64(piece.count))))
    piece = piece.dropFirst(part.count)
    remaining -= UInt64(part.count)
    given += UInt64(part.count)
    return part
  }

  private func begin(
    _ name: String, _ kind: TarEntry.Kind, _ size: UInt64, at offset: UInt64
  ) throws(ArchiveError) -> TarEntry {
    guard kind == .file || size == 0 else {
      throw failure(.damaged, "a folder has content", entry: name)
    }
    guard size <= limits.fileSize else {
      throw failure(.limit, "a file claims \(size) bytes", entry: name)
    }
    total += size
    guard total <= limits.totalSize else {
      throw failure(.limit, "the files are larger than \(limits.totalSize) bytes", entry: name)
    }
    remaining = size
    padding = Self.padding(size)
    lastName = name
    return TarEntry(name: name, size: size, kind: kind, offset: offset)
  }

  private static func padding(_ size: UInt64) -> UInt64 { (512 - size % 512) % 512 }

  private func refused(_ type: UInt8, name: String) -> ArchiveError {
    let kind =
      switch type {
      case UInt8(ascii: "1"): "a hard link"
      case UInt8(ascii: "2"): "a symbolic link"
      case UInt8(ascii: "3"), UInt8(ascii: "4"): "a device"
      case UInt8(ascii: "6"): "a pipe"
      case UInt8(ascii: "S"): "a sparse file"
      default: "of a kind that is not known"
      }
    return failure(.refusedKind, "an entry is \(kind); nothing was unpacked", entry: name)
  }

  private func problem(_ problem: TarHeader.Problem) -> ArchiveError {
    if given == UInt64(TarHeader.blockSize) {
      return failure(.notAnArchive, "the file is not a tar archive")
    }
    return switch problem {
    case .checksum: failure(.damaged, "an entry's header has a wrong check sum")
    case .number(let field): failure(.damaged, "an entry's \(field) is no number")
    case .name: failure(.refusedName, "an entry's name is not UTF-8")
    }
  }

  private func failure(
    _ code: ArchiveError.Code, _ message: String, entry: String? = nil
  ) -> ArchiveError {
    if let entry { return ArchiveError(code, message, entry: entry, offset: stream.offset) }
    let text = lastName.map { "\(message); the last good entry is \($0)" } ?? message
    return ArchiveError(code, text, offset: stream.offset)
  }

  /// The content of an extended header or long name.
  private func extended(_ header: TarHeader) throws(ArchiveError) -> [UInt8] {
    guard header.size <= limits.headerSize else {
      throw failure(.limit, "an extended header claims \(header.size) bytes")
    }
    remaining = header.size
    padding = Self.padding(header.size)
    var bytes: [UInt8] = []
    while let part = try read() { bytes += part }
    try skip(&padding)
    return bytes
  }

  /// Behind the first zero block: a second one, then nothing but zeros.
  private func finish() throws(ArchiveError) {
    isAtEnd = true
    guard needsEnd else { return }
    guard let second = try block() else {
      warnings.append("the archive ends with one zero block instead of two")
      return
    }
    var isClean = second.allSatisfy { $0 == 0 }
    while try fill() {
      if isClean, piece.contains(where: { $0 != 0 }) { isClean = false }
      given += UInt64(piece.count)
      piece = []
    }
    if !isClean {
      throw failure(.damaged, "something stands after the end of the archive")
    }
    warnings += stream.warnings
  }

  private func fill() throws(ArchiveError) -> Bool {
    while piece.isEmpty {
      guard let next = try stream.next() else { return false }
      piece = next
    }
    return true
  }

  private func block() throws(ArchiveError) -> ArraySlice<UInt8>? {
    guard try fill() else { return nil }
    if piece.count >= TarHeader.blockSize {
      let block = piece.prefix(TarHeader.blockSize)
      piece = piece.dropFirst(TarHeader.blockSize)
      given += UInt64(TarHeader.blockSize)
      return block
    }
    var block: [UInt8] = []
    while block.count < TarHeader.blockSize {
      guard try fill() else {
        if given == 0 { throw failure(.notAnArchive, "the file is not a tar archive") }
        throw failure(.truncated, "the archive ends inside a header")
      }
      let part = piece.prefix(TarHeader.blockSize - block.count)
      piece = piece.dropFirst(part.count)
      block += part
    }
    given += UInt64(TarHeader.blockSize)
    return block[...]
  }

  private func skip(_ count: inout UInt64) throws(ArchiveError) {
    while count > 0 {
      guard try fill() else {
        throw failure(.truncated, "the archive ends inside an entry")
      }
      let part = Int(min(count, UInt64(piece.count)))
      piece = piece.dropFirst(part)
      count -= UInt64(part)
      given += UInt64(part)
    }
  }
}
