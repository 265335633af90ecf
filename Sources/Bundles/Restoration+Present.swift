internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

extension Restoration {
  /// Takes those sessions out of a group of which the destination has all files already, so that they
  /// are not unpacked.
  ///
  /// That is told by the digests of the destination's files, which are read, and their places.
  ///
  /// - Returns: What is said of them.
  func takePresent(
    from group: inout Group, at place: String, _ interruption: Interruption
  ) throws(FormatError) -> [SessionReport] {
    let tool = group.tool
    guard !options.isDryRun, options.format == nil || options.format?.info.id == tool,
      options.profile == nil, options.mappedPaths.isEmpty,
      let format = formats.first(where: { $0.info.id == tool }), !format.info.holdsRows,
      options.carries || !(format is any WritableSessionFormat)
    else { return [] }
    let status = try reading { () throws(FileError) in try FileStatus(path: place) }
    // What does not read is restored, or said to be in the way.
    guard status?.kind == .directory,
      let source = try? format.open(place, options: options.readOptions),
      let listed = try? source.list()
    else { return [] }
    let known = Set(listed.map(\.id))
    let digests = SharedDigests()
    var present: Set<String> = []
    for entry in group.entries where known.contains(entry.sourceID) {
      try interruption.check()
      // As above.
      let digest = try? Self.digest(of: entry.sourceID, in: source, format.info, digests)
      if digest == entry.rawDigest { present.insert(entry.sourceID) }
    }
    // What others need is unpacked with them.
    var needed = group.entries.filter { !present.contains($0.sourceID) }.flatMap(\.holders)
    let byID = Dictionary(group.entries.map { ($0.sourceID, $0) }) { first, _ in first }
    while let id = needed.popLast() {
      if present.remove(id) != nil { needed += byID[id]?.holders ?? [] }
    }
    let taken = group.entries.filter { present.contains($0.sourceID) }
    group.entries.removeAll { present.contains($0.sourceID) }
    return taken.map { entry in
      var report = SessionReport(source: entry.sourceID, status: .unchanged)
      report.target = entry.sourceID
      report.byteCount = entry.bytes
      return report
    }
  }

  /// The digest by which a catalogue tells the files of a session, of those in a store.
  private static func digest(
    of id: String, in source: any SessionSource, _ info: FormatInfo, _ digests: SharedDigests
  ) throws(FormatError) -> String? {
    guard let found = try source.files(of: id) else { return nil }
    var note = SourceNote(
      tool: info.id, profile: nil, id: id, how: "copy", path: "", store: "", files: [])
    for file in info.harmless(found) {
      note.files.append(
        SourceNote.File(
          name: "", relativePath: file.relativePath, size: 0,
          digest: try digests.digest(of: file.path)))
    }
    return note.rawDigest
  }
}
