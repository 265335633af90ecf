internal import FileIO
internal import SessionFormats

extension JSONLStore {
  /// Finds messages that hold all words, the best one of each session, the best first.
  ///
  /// The tool has no search; this one goes through all files, one line at a time, and ranks as the
  /// full-text search of term-llm does. Letters are compared without case; what has spaces or
  /// punctuation in a word must stand like that.
  /// - Parameters:
  ///   - limit: At most so many results.
  ///   - maximumLineLength: The longest line that is looked at, in bytes; it is held in memory.
  ///   - onLongLine: Told each line that was passed over: its file, its number and its length.
  /// - Complexity: The size of all files.
  public func search(
    _ query: String, limit: Int = 20, maximumLineLength: Int = 256 << 20,
    onLongLine: (_ path: String, _ line: Int, _ count: Int) -> Void = { _, _, _ in }
  ) throws(StoreError) -> [SearchResult] {
    var scan = StoreScan(query)
    if scan.phrases.isEmpty { return [] }
    let index = GGCodeIndex(path: directory + "/index.json")
    var sessions: [String: Session] = [:]
    for entry in index.entries { sessions[entry.id] = Session(entry) }
    let files: [DirectoryEntry]
    do throws(FileError) {
      files = try listDirectory(directory)
    } catch {
      throw StoreError(reading: error)
    }
    for file in files where file.kind != .directory {
      guard let id = sessionIdentifier(fileName: file.name) else { continue }
      scan.begin(sessions[id] ?? Session(id: id))
      do throws(FileError) {
        let path = directory + "/" + file.name
        var lines = try LineReader(path: path, maximumLineLength: maximumLineLength)
        while try lines.advance(passingOver: { onLongLine(path, $0.number, $0.count) }) {
          scan.add(lines.copyLine())
        }
      } catch {
        // A file that goes away meanwhile, or cannot be read, holds nothing that can be shown.
        continue
      }
    }
    return scan.results(limit: limit)
  }
}

/// Messages that match, and the numbers that ranking needs.
private struct StoreScan {
  private struct Hit {
    var session: Int
    var messageIndex: Int
    var role: String
    var counts: [Int]
    var length: Int
    var text: String
  }

  let phrases: [[String]]
  private var sessions: [Session] = []
  private var hits: [Hit] = []
  private var messageIndex = 0
  private var messages = 0
  private var words = 0
  private var messagesWithPhrase: [Int]

  init(_ query: String) {
    var seen: Set<String> = []
    phrases = query.split(whereSeparator: \.isWhitespace)
      .filter { seen.insert($0.lowercased()).inserted }
      .map { SearchText(String($0)).words }.filter { !$0.isEmpty }
    messagesWithPhrase = Array(repeating: 0, count: phrases.count)
  }

  mutating func begin(_ session: Session) {
    sessions.append(session)
    messageIndex = 0
  }

  mutating func add(_ line: [UInt8]) {
    guard case .message(let message) = StoredRecord(line, id: "", profile: .current) else { return }
    defer { messageIndex += 1 }
    let texts = (message.content ?? []).filter { $0.type == "text" && !$0.text.isEmpty }.map(\.text)
    let text = texts.joined(separator: "\n")
    let cut = SearchText(text)
    messages += 1
    words += cut.words.count
    for (index, phrase) in phrases.enumerated() where cut.occurrences(of: [phrase]) != nil {
      messagesWithPhrase[index] += 1
    }
    guard let found = cut.occurrences(of: phrases) else { return }
    hits.append(
      Hit(
        session: sessions.count - 1, messageIndex: messageIndex, role: message.role,
        counts: found.counts, length: cut.words.count, text: text))
  }

  func results(limit: Int) -> [SearchResult] {
    var best: [Int: (hit: Hit, rank: Double)] = [:]
    for hit in hits {
      let rank = rank(hit)
      if let known = best[hit.session], known.rank <= rank { continue }
      best[hit.session] = (hit, rank)
    }
    return best.values.sorted { ($0.rank, $0.hit.session) < ($1.rank, $1.hit.session) }
      .prefix(limit).map { hit, rank in
        SearchResult(
          session: sessions[hit.session], messageIndex: hit.messageIndex, role: hit.role,
          snippet: snippet(hit.text), rank: rank)
      }
  }

  /// FTS5's bm25: k1 = 1.2, b = 0.75, negative so that smaller is better.
  private func rank(_ hit: Hit) -> Double {
    let average = max(1, Double(words) / Double(max(1, messages)))
    var score = 0.0
    for (index, count) in hit.counts.enumerated() {
      let holding = Double(messagesWithPhrase[index])
      let rarity = max(1e-6, logarithm((Double(messages) - holding + 0.5) / (holding + 0.5)))
      let frequency = Double(count)
      let length = 1.2 * (0.25 + 0.75 * Double(hit.length) / average)
      score += rarity * frequency * 2.2 / (frequency + length)
    }
    return -score
  }

  /// The natural logarithm, by halving and a series, exact to about twelve digits.
  private func logarithm(_ value: Double) -> Double {
    guard value > 0 else { return 0 }
    let exponent = Double(value.exponent)
    let mantissa = value.significand
    let ratio = (mantissa - 1) / (mantissa + 1)
    var term = ratio
    var sum = 0.0
    for power in stride(from: 1, through: 41, by: 2) {
      sum += term / Double(power)
      term *= ratio * ratio
    }
    return 2 * sum + exponent * 0.693_147_180_559_945_3
  }

  /// At most 32 words from shortly before the first find, the finds marked.
  private func snippet(_ text: String) -> String {
    let cut = SearchText(text)
    guard let found = cut.occurrences(of: phrases), let first = found.positions.min() else {
      return text
    }
    let start = max(0, min(first - 8, cut.words.count - 32))
    let end = min(cut.words.count, start + 32)
    var result = start > 0 ? "..." : ""
    var position = start > 0 ? cut.ranges[start].lowerBound : text.startIndex
    var index = start
    while index < end {
      if found.positions.contains(index) {
        var last = index
        while last + 1 < end, found.positions.contains(last + 1) { last += 1 }
        result += text[position..<cut.ranges[index].lowerBound]
        result += "**\(text[cut.ranges[index].lowerBound..<cut.ranges[last].upperBound])**"
        position = cut.ranges[last].upperBound
        index = last
      }
      index += 1
    }
    let stop = end < cut.words.count ? cut.ranges[end - 1].upperBound : text.endIndex
    if position < stop { result += text[position..<stop] }
    return end < cut.words.count ? result + "..." : result
  }
}
