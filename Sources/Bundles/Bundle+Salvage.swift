internal import Archive
internal import FileIO
internal import SessionCoding

extension Bundle {
  /// Walks the files of the bundle as far as they can be read: what is after a damaged part is found
  /// by the beginnings of the members.
  ///
  /// A file that is damaged is begun, and `body` throws what reading it throws.
  ///
  /// - Returns: The first damage; nil when there is none.
  /// - Throws: What breaks the rules of archives, and what `body` throws but for damage.
  func forEachReadableFile(
    _ body: (BundleFile) throws(FormatError) -> Void
  ) throws(FormatError) -> FormatError? {
    guard case .archive(let archive, _) = storage else {
      try forEachFile(body)
      return nil
    }
    let file = try archive.open()
    let path = path
    var first: FormatError?
    var start: UInt64 = 0
    var root: String?
    while true {
      let stream = try reading(path) { () throws(ArchiveError) in
        try ArchiveStream(file, range: start..<file.size)
      }
      let reader = BagArchiveReader(TarReader(stream, needsEnd: start == 0), root: root)
      var damage: ArchiveError?
      do throws(FormatError) {
        while true {
          let entry: BagArchiveReader.File?
          do throws(ArchiveError) {
            entry = try reader.next()
          } catch {
            damage = error
            throw FormatError(error, path: path)
          }
          guard let entry else { return first }
          try body(
            BundleFile(path: entry.path, size: entry.size) { () throws(FormatError) in
              do throws(ArchiveError) {
                return try reader.read()
              } catch {
                damage = error
                throw FormatError(error, path: path)
              }
            })
        }
      } catch {
        guard let damage, Self.isPassed(damage, start) else { throw error }
        first = first ?? error
        root = reader.root ?? root
        // A member that begins inside a file is passed over too.
        guard stream.isCompressed,
          let next = try Self.member(of: file, from: max(stream.resumption, start + 1))
        else { return first }
        start = next
      }
    }
  }

  /// Whether something is lost there, and not against the rules.
  private static func isPassed(_ error: ArchiveError, _ start: UInt64) -> Bool {
    [.damaged, .truncated].contains(error.code) || start > 0 && error.code == .notAnArchive
  }

  /// Where the next member begins.
  private static func member(
    of file: RandomAccessFile, from start: UInt64
  ) throws(FormatError) -> UInt64? {
    var offset = start
    while true {
      let piece = try reading { () throws(FileError) in
        try file.read(at: offset, count: PayloadFile.pieceSize)
      }
      guard piece.count >= GzipMember.header.count else { return nil }
      if let found = piece.firstRange(of: GzipMember.header) {
        return offset + UInt64(found.lowerBound)
      }
      offset += UInt64(piece.count - GzipMember.header.count + 1)
    }
  }
}
