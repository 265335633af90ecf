internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads a session in the form it had before a conversion brought it here.
///
/// The carry says for each original record which entries here stand for it. Where these still say the
/// same, the record comes back byte for byte; what was changed or added since comes as it is, and a
/// head that was changed since comes as a last head change.
final class CarryReturnReader: LeavingReader {
  let head: SessionHead
  private(set) var findings: [Finding] = []
  /// The fingerprint of the original records that were handed out.
  private(set) var restored = Fingerprint()
  /// Whether what was added since, if anything, stands after all that stood here before.
  private(set) var endsWithAdded = true
  private let foreign: any SessionReader
  private let cursor: CarryCursor
  /// Opens the carry anew.
  private let openCarry: () throws(FormatError) -> CarryCursor?
  private let format: String
  /// The fingerprint of the originals that were stored.
  private let original: Fingerprint
  private var scratch = JSONWriter(reserving: 16 * 1_024)

  /// Entries read here and not yet handed out, with their hashes.
  private var queue: [(entry: Entry, hash: ContentHash)] = []
  /// What reading here found to be damaged, as soon as all was read.
  private var foreignFindings: [Finding]?
  private var isAtEnd = false
  private var item: CarryItem?
  private var hasMoreItems = true
  /// Whether an original was left out.
  private var hasLeft = false
  /// How many items were settled.
  private var settled = 0
  /// How many of the remaining items start with each hash; counted where the first record differs.
  private var expected: [ContentHash: Int]?
  private var pendingHead: SessionHead?
  private var ready: [Entry] = []
  /// Originals that do not come back, until they are asked for.
  private var leftBehind: [ArraySlice<UInt8>] = []
  /// The messages that were parts of one record, and the message that they became.
  private var joined: [String: String?] = [:]
  /// The calls that were handed out.
  private var calls: Set<JSONString> = []
  /// What the tool here put in the place of the originals that are still to come.
  private var compaction: ReturningCompaction?

  /// All heads share this hash: a head that was edited is still the head.
  static let headHash = ContentHash(value: 0)

  /// - Parameters:
  ///   - foreign: The session as it is here.
  ///   - header: The header of its carry.
  ///   - openCarry: Opens the carry, from its first item on.
  init(
    foreign: any SessionReader, header: CarryHeader,
    openCarry: @escaping () throws(FormatError) -> CarryCursor?
  ) throws(FormatError) {
    self.foreign = foreign
    self.openCarry = openCarry
    guard let cursor = try openCarry() else {
      throw FormatError(.readBackDiffers, "the stored carry is gone", advice: "run again")
    }
    self.cursor = cursor
    format = header.format
    original = header.restores
    var head = CanonicalJSON.head(from: header.sourceHead) ?? SessionHead(id: header.id)
    if let before = CanonicalJSON.head(from: header.targetHead) {
      var now = foreign.head
      now.id = before.id
      let merged = HeadFields.merge(head, before: before, after: now)
      if merged != head { pendingHead = merged }
      head = merged
    }
    head.id = header.id
    head.messageCount = foreign.head.messageCount
    self.head = head
  }

  /// The hash under which an entry is looked for.
  static func hash(of entry: Entry, scratch: inout JSONWriter) -> ContentHash {
    entry.content.isHeadChange ? headHash : ContentHash(entry, scratch: &scratch)
  }

  func carry() throws(FormatError) -> CarryCursor? { nil }

  func takeLeftBehind() -> [ArraySlice<UInt8>] {
    defer { leftBehind = [] }
    return leftBehind
  }

  func next() throws(FormatError) -> Entry? {
    let entry = try nextEntry()
    if case .message(let message)? = entry?.content {
      // What somebody of no known role says is not written.
      if case .other = message.role { return entry }
      for case .toolCall(let call) in message.blocks { calls.insert(call.id) }
    }
    return entry
  }

  private func nextEntry() throws(FormatError) -> Entry? {
    while true {
      if !ready.isEmpty { return ready.removeFirst() }
      if item == nil, hasMoreItems {
        item = try cursor.next()
        if item == nil { endItems() }
      }
      guard let item else {
        if let checkpoint = try checkpoint() { return checkpoint }
        return try nextAdded()
      }
      if compaction != nil {
        compaction?.pass(item.foreign)
        finish(item)
        if let entry = restored(item, from: []) { return entry }
        continue
      }
      if item.foreign.isEmpty {
        finish(item)
        if let entry = restored(item, from: []) { return entry }
        continue
      }
      while queue.count < item.foreign.count, foreignFindings == nil { try feed() }
      try step(with: item)
    }
  }

  /// Reads the next entry here.
  private func feed() throws(FormatError) {
    if let entry = try foreign.next() {
      queue.append((entry, Self.hash(of: entry, scratch: &scratch)))
    } else {
      foreignFindings = foreign.findings
    }
  }

  /// What is stored is damaged if it says so, or if it gives another original though all of it fits.
  private func endItems() {
    hasMoreItems = false
    if cursor.isDamaged || findings.isEmpty && restored != original {
      findings.append(.damagedCarry)
    }
  }

  /// After the originals that a compaction here left out: the messages that stand for them.
  private func checkpoint() throws(FormatError) -> Entry? {
    guard compaction?.isHandedOut == false else { return nil }
    while true {
      while queue.isEmpty, foreignFindings == nil { try feed() }
      guard let (entry, hash) = queue.first, case .message(let message) = entry.content,
        compaction?.add(message, hash) == true
      else { break }
      queue.removeFirst()
    }
    return compaction?.handOut()
  }

  /// After the last original record: what was added since, then a changed head.
  private func nextAdded() throws(FormatError) -> Entry? {
    while true {
      while !queue.isEmpty {
        let (entry, hash) = queue.removeFirst()
        // Usage and the like, which the tool wrote again after its compaction, came with the originals.
        if !entry.content.isMessage, compaction?.take(hash) == true { continue }
        if !entry.content.isHeadChange { return entry }
      }
      if foreignFindings != nil { break }
      try feed()
    }
    if !isAtEnd { findings += foreignFindings ?? [] }
    isAtEnd = true
    guard let head = pendingHead else { return nil }
    pendingHead = nil
    return Entry(.headChange(head))
  }

  /// Settles one item, or hands out one entry that stands before it.
  private func step(with item: CarryItem) throws(FormatError) {
    if queue.lazy.map(\.hash).starts(with: item.foreign) {
      finish(item)
      let entries = queue.prefix(item.foreign.count).map(\.entry)
      queue.removeFirst(item.foreign.count)
      if item.original == nil {
        ready += entries
      } else if item.original?.isEmpty == true {
        ready += entries.compactMap(Entry.init(sayingNothing:))
      } else if isResultOfNothing(entries) {
        leave(item)
      } else if let entry = restored(item, from: entries) {
        ready.append(entry)
      }
      return
    }
    // The next entry here belongs to a later record: this one was removed or changed.
    guard let first = queue.first, try !isExpectedLater(first.hash, than: item) else {
      finish(item)
      leave(item)
      return
    }
    queue.removeFirst()
    if case .message(let message) = first.entry.content, message.flags.contains(.compactionSummary)
    {
      findings.append(.compactedElsewhere)
      compaction = ReturningCompaction(summary: message)
      return
    }
    // A head that was added here is handed out at the end, with the last one.
    if first.hash == Self.headHash { return }
    endsWithAdded = false
    ready.append(first.entry)
  }

  /// Whether an item after the one at hand starts with a hash.
  private func isExpectedLater(
    _ hash: ContentHash, than item: CarryItem
  ) throws(FormatError) -> Bool {
    if expected == nil { expected = try remainingHashes() }
    let count = expected?[hash] ?? 0
    return count > 1 || count == 1 && Self.firstHash(of: item) != hash
  }

  /// Counts the items from the one at hand on by their first hashes, in a second walk over the carry.
  private func remainingHashes() throws(FormatError) -> [ContentHash: Int] {
    var hashes: [ContentHash: Int] = [:]
    guard let index = try openCarry() else { return hashes }
    var position = 0
    while let item = try index.next() {
      if position >= settled, let first = Self.firstHash(of: item) {
        hashes[first, default: 0] += 1
      }
      position += 1
    }
    return hashes
  }

  private static func firstHash(of item: CarryItem) -> ContentHash? {
    item.foreign.first { $0 != headHash }
  }

  private func finish(_ item: CarryItem) {
    self.item = nil
    settled += 1
    if let first = Self.firstHash(of: item) { expected?[first, default: 1] -= 1 }
  }

  /// Whether entries are results of calls that do not come, because their record was removed.
  private func isResultOfNothing(_ entries: [Entry]) -> Bool {
    guard hasLeft else { return false }
    return entries.allSatisfy { entry in
      guard case .message(let message) = entry.content, message.holdsOnlyToolResults else {
        return false
      }
      return message.blocks.allSatisfy { block in
        if case .toolResult(let result) = block { !calls.contains(result.callID) } else { false }
      }
    }
  }

  /// Leaves an original out.
  private func leave(_ item: CarryItem) {
    hasLeft = true
    if let original = item.original, !original.isEmpty { leftBehind.append(original) }
    findings.append(
      Finding(
        rule: "carry.changed-since", severity: .info,
        message: "a record was changed or removed since the conversion; the present state counts",
        isSalvaged: true))
  }

  /// The original record of an item; nil when it had none.
  private func restored(_ item: CarryItem, from entries: [Entry]) -> Entry? {
    guard let original = item.original, !original.isEmpty else { return nil }
    restored.update(original)
    let origin = Origin(format: format, bytes: original)
    guard var entry = Self.joined(entries) else {
      return Entry(
        .opaque(OpaqueRecord(format: format, bytes: original)), origin: origin)
    }
    entry.origin = origin
    if case .message(var message) = entry.content {
      for case .message(let part) in entries.map(\.content) {
        if let id = part.id, id != message.id { joined[id] = .some(message.id) }
      }
      if let parent = message.parent, let whole = joined[parent] { message.parent = whole }
      entry.content = .message(message)
    }
    // What is stated here may be said otherwise than there; the head is already put together.
    if entry.content.isHeadChange { entry.content = .headChange(head) }
    return entry
  }

  /// The entries that stand for one record as one: the first message with the blocks of all.
  private static func joined(_ entries: [Entry]) -> Entry? {
    if entries.count == 1 { return entries[0] }
    let main =
      entries.first { $0.content.isMessage } ?? entries.first { !$0.content.isHeadChange }
    guard var entry = main ?? entries.first else { return nil }
    let others = entries.filter { !$0.content.isHeadChange }
    if !others.isEmpty { entry.isEffective = others.contains(where: \.isEffective) }
    if case .message(var message) = entry.content {
      message.blocks = entries.flatMap { other -> [Block] in
        if case .message(let message) = other.content { message.blocks } else { [] }
      }
      entry.content = .message(message)
    }
    return entry
  }
}

extension Entry.Content {
  fileprivate var isMessage: Bool { if case .message = self { true } else { false } }
}
