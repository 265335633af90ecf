internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

extension GGCodeRules {
  /// What is wrong with a sessions folder as a whole: its index, stray files, unreadable sessions.
  static func indexFindings(folder: String, files: [String: String], options: ReadOptions)
    throws(FormatError) -> [Finding]
  {
    var log = GGCodeFindingLog()
    do throws(FileError) {
      for entry in try listDirectory(folder) where entry.name.hasSuffix(".tmp") {
        log.add(
          Finding(
            rule: "ggcode.stray-file", severity: .info,
            place: .file(path: folder + "/" + entry.name),
            message: "a temporary file was left over; ggcode ignores it", isSalvaged: true))
      }
    } catch {
      throw FormatError(reading: error)
    }
    let index = GGCodeIndexRules(path: folder + "/index.json")
    index.checkForm(files) { log.add($0) }
    var stated: [String: String] = [:]
    let inOrder = files.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    for (id, file) in inOrder {
      do throws(FormatError) {
        let scan = try GGCodeScan(path: file, id: id, options: options)
        index.check(scan) { log.add($0) }
        checkStatedID(of: scan, file, &stated) { log.add($0) }
      } catch {
        log.add(
          Finding(
            rule: "ggcode.readable", severity: .error, place: .file(path: file),
            message: "the session file cannot be read: \(error.message)"))
      }
    }
    return log.findings
  }

  private static func checkStatedID(
    of scan: GGCodeScan, _ file: String, _ stated: inout [String: String],
    _ report: (Finding) -> Void
  ) {
    guard let id = scan.statedID else { return }
    guard let other = stated.updateValue(file, forKey: id) else { return }
    report(
      Finding(
        rule: "ggcode.session-id-shared", severity: .warning, place: .file(path: file),
        message: "the records state the session \"\(id)\", and so do those of \(other); ggcode "
          + "goes by the file names", isSalvaged: true))
  }
}

/// `index.json` against the session files.
struct GGCodeIndexRules {
  private let path: String
  private let index: GGCodeIndex
  private let bytes: [UInt8]

  init(path: String) {
    self.path = path
    index = GGCodeIndex(path: path)
    // Only for places; that the index cannot be read is told by `index`.
    bytes = (try? readFile(path)) ?? []
  }

  private func finding(
    _ rule: String, _ severity: Severity, at offset: Int, _ message: String, repair: String? = nil
  ) -> Finding {
    let line = bytes.prefix(offset).count { $0 == UInt8(ascii: "\n") } + 1
    return Finding(
      rule: "ggcode.\(rule)", severity: severity,
      place: .line(path: path, line: line, byte: UInt64(offset)), message: message, repair: repair,
      isSalvaged: true)
  }

  /// Checks that the index parses and lists each file once.
  func checkForm(_ files: [String: String], _ report: (Finding) -> Void) {
    guard index.isReadable else {
      report(
        finding(
          "index-parses", .warning, at: index.damageOffset,
          "the index does not decode; ggcode takes it for empty, and releases before v1.3.61 "
            + "then list no session but the one written next"))
      return
    }
    guard index.exists else {
      if !files.isEmpty {
        report(
          Finding(
            rule: "ggcode.index-parses", severity: .info, place: .file(path: path),
            message: "there is no index; ggcode makes one from the files", isSalvaged: true))
      }
      return
    }
    var seen: Set<String> = []
    for (entry, offset) in zip(index.entries, index.offsets) {
      if !seen.insert(entry.id).inserted {
        report(
          finding(
            "index-duplicate", .warning, at: offset,
            "the index lists the session \"\(entry.id)\" twice; ggcode shows it twice and updates "
              + "the first entry only"))
      } else if files[entry.id] == nil {
        report(
          finding(
            "index-ghost", .warning, at: offset,
            "the index lists the session \"\(entry.id)\", which has no file; ggcode drops the "
              + "entry when it next tidies up"))
      }
    }
    for id in files.keys.sorted() where !seen.contains(id) {
      report(
        Finding(
          rule: "ggcode.index-missing", severity: .warning,
          place: .file(path: files[id] ?? path),
          message: "the index does not list this session; ggcode adds it when it next tidies up",
          isSalvaged: true))
    }
  }

  /// Checks that the values of a session's entry are those of its last meta.
  func check(_ scan: GGCodeScan, _ report: (Finding) -> Void) {
    guard scan.hasMeta, let position = index.position(of: scan.head.id)
    else { return }
    let (entry, head) = (index.entries[position], scan.head)
    var differing: [String] = []
    func compare(_ name: String, _ listed: String?, _ stated: String?) {
      if (listed ?? "") != (stated ?? "") { differing.append(name) }
    }
    compare("title", entry.title, head.title)
    if entry.created != head.created { differing.append("created_at") }
    compare("workspace", entry.workspace, head.workspace)
    // Later releases drop the `provider` that releases before v1.0.6 kept as vendor.
    let isOldest = head.extras.value("provider", of: GGCode.id) != nil
    if !isOldest { compare("vendor", entry.vendor, head.providerKey) }
    compare("endpoint", entry.endpoint, head.endpoint)
    compare("model", entry.model, head.model)
    let offset = index.offsets[position]
    if !differing.isEmpty {
      report(
        finding(
          "index-values", .warning, at: offset,
          "the index has other values for \(differing.joined(separator: ", ")) of the session "
            + "\"\(entry.id)\" than its last meta; ggcode lists what the index says"))
    }
    if let listed = entry.updated, let stated = head.updated, listed != stated {
      // Appending messages moves the index on without a meta.
      report(
        finding(
          "index-updated", listed < stated ? .warning : .info, at: offset,
          "the index has updated_at \(listed.rfc3339) for the session \"\(entry.id)\", its last "
            + "meta \(stated.rfc3339)"))
    }
  }
}
