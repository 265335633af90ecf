public import FileIO

/// The plain bytes of an archive file, whether it is compressed or not, piece by piece.
public final class ArchiveStream {
  private enum Kind {
    case plain
    case gzip(GzipReader)
  }

  private let file: RandomAccessFile
  private let limits: ArchiveLimits
  private var kind: Kind
  private var position: UInt64
  private let end: UInt64
  /// The number of bytes given so far.
  public private(set) var count: UInt64 = 0

  /// Reads a file, or members of it that stand between two offsets.
  public init(
    _ file: RandomAccessFile, range: Range<UInt64>? = nil, limits: ArchiveLimits = ArchiveLimits()
  ) throws(ArchiveError) {
    self.file = file
    self.limits = limits
    position = range?.lowerBound ?? 0
    end = min(range?.upperBound ?? file.size, file.size)
    let start: [UInt8]
    do throws(FileError) {
      start = try file.read(at: position, count: 2)
    } catch {
      throw ArchiveError(error)
    }
    kind = .plain
    if start == [0x1F, 0x8B] {
      kind = .gzip(try GzipReader(file, range: position..<max(position, end)))
    }
  }

  /// Whether the file is compressed.
  public var isCompressed: Bool { if case .gzip = kind { true } else { false } }

  /// The number of bytes of the file that were used.
  public var offset: UInt64 {
    switch kind {
    case .plain: position
    case .gzip(let reader): reader.offset
    }
  }

  /// Where to look for the next member when what follows cannot be read.
  public var resumption: UInt64 {
    if case .gzip(let reader) = kind, reader.isPastMembers { reader.memberEnd } else { offset }
  }

  /// What does not belong to the archive but does no harm, such as bytes after its end.
  public var warnings: [String] {
    if case .gzip(let reader) = kind { reader.warnings } else { [] }
  }

  /// The next piece; nil at the end.
  public func next() throws(ArchiveError) -> ArraySlice<UInt8>? {
    let piece: ArraySlice<UInt8>?
    switch kind {
    case .plain:
      do throws(FileError) {
        let wanted = Int(min(256 << 10, end - min(position, end)))
        let bytes = try file.read(at: position, count: wanted)
        position += UInt64(bytes.count)
        piece = bytes.isEmpty ? nil : bytes[...]
      } catch {
        throw ArchiveError(error)
      }
    case .gzip(let reader): piece = try reader.next()
    }
    guard let piece else { return nil }
    count += UInt64(piece.count)
    if isCompressed, count > limits.ratioFreeSize, count / max(1, offset) > limits.ratio {
      throw ArchiveError(
        .limit, "the content is more than \(limits.ratio) times its compressed size",
        offset: offset)
    }
    return piece
  }
}
