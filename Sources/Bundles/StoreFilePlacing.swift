internal import FileIO
internal import SessionCoding

/// Puts what belongs to a store as a whole where it was, or adds it to what the store has.
struct StoreFilePlacing {
  let store: StagedStore
  /// The places at which the format keeps files; others are not written to.
  let stated: Set<ExactPath>
  let destination: String
  /// Whether all of the store is restored; else only what tells of the sessions that are there.
  let isWhole: Bool
  let isDurable: Bool

  /// - Parameter hasNews: Whether sessions were written, so that what names them is needed.
  func run(hasNews: Bool) throws(FormatError) {
    var records: [[UInt8]] = []
    for file in store.storeFiles where stated.contains(ExactPath(file.place)) {
      let source = store.path + "/" + file.place
      let target = destination + "/" + file.place
      let status = try reading { () throws(FileError) in
        try FileStatus(path: target, followingLinks: false)
      }
      if isWhole, status == nil {
        try writing { () throws(FileError) in
          if isDurable { try synchronize(source) }
          if let slash = target.utf8.lastIndex(of: UInt8(ascii: "/")) {
            try createDirectory(String(target[..<slash]))
          }
          try renameFileIfAbsent(source, to: target)
        }
        continue
      }
      guard hasNews, status == nil || status?.kind == .file else { continue }
      if status != nil, try BackupRun.digest(of: target) == file.digest { continue }
      switch file.merging {
      case .records:
        records.append(try reading { () throws(FileError) in try readFile(source) })
      case .lines where isWhole: try addLines(of: source, to: target)
      default: break
      }
    }
    guard hasNews, !records.isEmpty || isWhole && store.hasRecords,
      let writable = store.format as? any WritableSessionFormat
    else { return }
    let target = try writable.target(at: destination, options: WriteOptions(isDurable: isDurable))
    if !records.isEmpty { try target.restoreStoreRecords(records) }
    if isWhole { try store.restoreRecords(to: target) }
    try target.publish()
  }

  private func addLines(of source: String, to target: String) throws(FormatError) {
    try writing { () throws(FileError) in
      let present = Set(try readFile(target).split(separator: 0x0A))
      var added: [UInt8] = []
      for line in try readFile(source).split(separator: 0x0A) where !present.contains(line) {
        added += line + [0x0A]
      }
      if !added.isEmpty { try appendToFile(target, added, durable: isDurable) }
    }
  }
}
