internal import Archive
internal import FileIO
internal import SessionCoding
internal import SessionModel

extension BagCheck {
  /// A file beside the archive; nil when there is none, or, which is then a finding, it cannot be read.
  private mutating func readSideFile(_ path: String, limit: Int = 1 << 30) -> [UInt8]? {
    do throws(FileError) {
      return try readFile(path, limit: limit)
    } catch {
      if error.code != .notFound {
        add("archive.side-file", .warning, "a file beside the archive cannot be read: \(error)")
      }
      return nil
    }
  }

  /// Checks the digest and the index that lie beside an archive, where they do.
  mutating func sideFiles(isWhole: Bool) throws(FormatError) {
    let status = try reading { () throws(FileError) in try FileStatus(path: path) }
    guard let status, status.kind == .file else { return }
    var digest: String?
    let sideFiles = try reading { () throws(FileError) in
      [
        try FileStatus(path: path + MemberIndex.digestSuffix),
        try FileStatus(path: path + MemberIndex.suffix),
      ]
    }
    if isWhole, sideFiles.contains(where: { $0 != nil }) { digest = try BackupRun.digest(of: path) }
    if let bytes = readSideFile(path + MemberIndex.digestSuffix, limit: 64 << 10) {
      var isReadable = false
      let manifest = BagManifest(bytes) { _, _ in }
      let name = path.split(separator: "/").last.map(String.init) ?? path
      if let stated = manifest.digests[name] ?? manifest.digests.values.first {
        isReadable = true
        if let digest, digest != stated {
          add(
            "archive.digest", .error,
            "the archive is not the one whose digest lies beside it")
        }
      }
      if !isReadable {
        add("archive.digest", .warning, "the digest beside the archive is not readable")
      }
    }
    guard let bytes = readSideFile(path + MemberIndex.suffix) else { return }
    guard let index = MemberIndex(bytes) else {
      add("archive.members", .warning, "the member index beside the archive is not usable")
      return
    }
    if index.archiveSize != status.size || digest.map({ $0 != index.archiveDigest }) ?? false {
      add("archive.members", .warning, "the member index beside the archive is of another one")
    }
  }

  /// Checks that the members that an index names are there and begin with the files it says.
  mutating func check(_ index: MemberIndex, of file: RandomAccessFile) throws(FormatError) {
    guard depth != .quick else { return }
    for member in index.members {
      let start = try reading { () throws(FileError) in
        try file.read(at: member.offset, count: 2)
      }
      var problem = start == [0x1F, 0x8B] ? nil : "no member starts there"
      if problem == nil, depth == .full { problem = Self.problem(of: member, in: file) }
      if let problem {
        add(
          "archive.members", .warning,
          "the member index is wrong about byte \(member.offset): \(problem)")
        return
      }
    }
  }

  private static func problem(of member: MemberIndex.Member, in file: RandomAccessFile)
    -> String?
  {
    do throws(ArchiveError) {
      let range = member.offset..<(member.offset + member.length)
      let stream = try ArchiveStream(file, range: range)
      while try stream.next() != nil {}
      guard stream.count == member.size else {
        return "the content has \(stream.count) bytes, not \(member.size)"
      }
      guard member.entries > 0 else { return nil }
      // A member that begins inside a file cannot be walked on its own.
      let reader = BagArchiveReader(
        TarReader(try ArchiveStream(file, range: range), needsEnd: false))
      guard let first = try? reader.next() else { return nil }
      return first.path == member.first ? nil : "it begins with \(first.path)"
    } catch {
      return error.description
    }
  }
}
