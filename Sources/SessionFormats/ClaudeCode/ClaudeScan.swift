internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// All that is known of a session before its entries are read.
struct ClaudeScan {
  let index: ClaudeIndex
  let chain: ClaudeChain
  let head: SessionHead
  /// The message with the summary of each compaction boundary, by the boundary's node.
  let summaries: [Int32: String]
  /// Our header, when a conversion wrote the session.
  let carry: StoredCarryHeader?
  /// The file with the carry's items, when it is there and belongs to this very session.
  let carryPath: String?
  /// Whether there should be such a file.
  let carryIsLost: Bool

  /// - Parameter name: What names the session while its file still has another name.
  init(_ file: ClaudeFile, options: ReadOptions, name: ClaudeFile? = nil) throws(FormatError) {
    index = try ClaudeIndex(path: file.path, options: options)
    chain = ClaudeChain(index)
    head = SessionHead(name ?? file, index)
    summaries = Self.summaries(index)
    var carry = index.marker.map { StoredCarryHeader($0["carry"]) }
    // Without our record, the file with the items tells that there was one.
    let side = file.sideFolder + "/" + ClaudeCarry.fileName(file.id, content: index.fingerprint)
    if carry == nil, index.hasBrokenMarker || FileStatus.guess(side)?.kind == .file {
      carry = .unreadable([])
    }
    var path: String?
    var isLost = false
    if var header = carry?.header, header.hasItems {
      path = ClaudeCarry.path(index.marker, file)
      // Without a single item there is no such file.
      isLost = path == nil && index.marker?["side"] != nil
      if isLost {
        header.items = nil
        carry = .readable(header)
      }
    }
    self.carry = carry
    carryPath = path
    carryIsLost = isLost
  }

  /// The summary that follows each boundary: its child, as the graph says it.
  private static func summaries(_ index: ClaudeIndex) -> [Int32: String] {
    var found: [Int32: String] = [:]
    for node in index.nodes where node.flags.contains(.summary) && node.parent >= 0 {
      let parent = index.nodeOfSlot[Int(node.parent)]
      guard parent >= 0, index.nodes[Int(parent)].flags.contains(.boundary),
        found[parent] == nil
      else { continue }
      found[parent] = index.ids[Int(node.slot)].text
    }
    return found
  }
}
