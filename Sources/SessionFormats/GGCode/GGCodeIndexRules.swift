internal import FileIO
internal import SessionCoding
internal import SessionModel

/// What is wrong with a sessions folder as a whole: `index.json` against the files, stray files.
struct GGCodeIndexRules {
  private let folder: String
  private let path: String
  private let index: GGCodeIndex
  private let bytes: [UInt8]
  private var log = FindingLog(GGCode.id)

  init(folder: String) {
    self.folder = folder
    path = folder + "/index.json"
    index = GGCodeIndex(path: path)
    // Only for places; that the index cannot be read is told by `index`.
    bytes = (try? readFile(path)) ?? []
  }

  consuming func findings(_ source: GGCodeSource) throws(FormatError) -> [Finding] {
    try checkStrayFiles()
    checkForm(source.catalogue.files)
    var stated: [String: String] = [:]
    var unreadable: [Finding] = []
    for file in source.catalogue.files {
      do throws(FormatError) {
        let decoder = try source.scanned(file.id).decoder
        if decoder.hasMeta { check(decoder.head) }
        guard let id = decoder.statedID, let other = stated.updateValue(file.path, forKey: id)
        else { continue }
        log.add(
          "session-id-shared", .warning, .file(path: file.path),
          "the records state the session \"\(id)\", and so do those of \(other); ggcode goes by "
            + "the file names")
      } catch {
        unreadable.append(
          Finding(
            rule: "ggcode.readable", severity: .error, place: .file(path: file.path),
            message: "the session file cannot be read: \(error.message)"))
      }
    }
    return log.findings + unreadable
  }

  private mutating func checkStrayFiles() throws(FormatError) {
    do throws(FileError) {
      for entry in try listDirectory(folder) where entry.name.hasSuffix(".tmp") {
        log.add(
          "stray-file", .info, .file(path: folder + "/" + entry.name),
          "a temporary file was left over; ggcode ignores it")
      }
    } catch {
      throw FormatError(reading: error)
    }
  }

  private func place(_ offset: Int) -> Place {
    let line = bytes.prefix(offset).count { $0 == UInt8(ascii: "\n") } + 1
    return .line(path: path, line: line, byte: UInt64(offset))
  }

  /// Checks that the index parses and lists each file once.
  private mutating func checkForm(_ files: [LocatedSession]) {
    guard index.isReadable else {
      log.add(
        "index-parses", .warning, place(index.damageOffset),
        "the index does not decode; ggcode takes it for empty, and releases before v1.3.61 then "
          + "list no session but the one written next")
      return
    }
    guard index.exists else {
      if files.isEmpty { return }
      log.add(
        "index-parses", .info, .file(path: folder),
        "there is no index.json; ggcode makes one from the files")
      return
    }
    var seen: Set<String> = []
    let ids = Set(files.map(\.id))
    for (entry, offset) in zip(index.entries, index.offsets) {
      if !seen.insert(entry.id).inserted {
        log.add(
          "index-duplicate", .warning, place(offset),
          "the index lists the session \"\(entry.id)\" twice; ggcode shows it twice and updates "
            + "the first entry only")
      } else if !ids.contains(entry.id) {
        log.add(
          "index-ghost", .warning, place(offset),
          "the index lists the session \"\(entry.id)\", which has no file; ggcode drops the "
            + "entry when it next tidies up")
      }
    }
    for file in files where !seen.contains(file.id) {
      log.add(
        "index-missing", .warning, .file(path: file.path),
        "the index does not list this session; ggcode adds it when it next tidies up")
    }
  }

  /// Checks that the values of a session's entry are those of its last meta.
  private mutating func check(_ head: SessionHead) {
    guard let position = index.position(of: head.id) else { return }
    let entry = index.entries[position]
    // Later releases drop the `provider` that releases before v1.0.6 kept as vendor.
    let isOldest = head.extras.value("provider", of: GGCode.id) != nil
    let differing = [
      entry.title != head.title ?? "" ? "title" : nil,
      entry.created != head.created ? "created_at" : nil,
      entry.workspace ?? "" != head.workspace ?? "" ? "workspace" : nil,
      !isOldest && entry.vendor ?? "" != head.providerKey ?? "" ? "vendor" : nil,
      entry.endpoint ?? "" != head.endpoint ?? "" ? "endpoint" : nil,
      entry.model ?? "" != head.model ?? "" ? "model" : nil,
    ].compactMap(\.self)
    if !differing.isEmpty {
      log.add(
        "index-values", .warning, place(index.offsets[position]),
        "the index has other values for \(differing.joined(separator: ", ")) of the session "
          + "\"\(entry.id)\" than its last meta; ggcode lists what the index says")
    }
    if let listed = entry.updated, let stated = head.updated, listed != stated {
      // Appending messages moves the index on without a meta.
      log.add(
        "index-updated", listed < stated ? .warning : .info, place(index.offsets[position]),
        "the index has updated_at \(listed.rfc3339) for the session \"\(entry.id)\", its last "
          + "meta \(stated.rfc3339)")
    }
  }
}
