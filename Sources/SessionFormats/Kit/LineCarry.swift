internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The carry of a session in lines of its own file, for tools that skip and keep lines of other types.
///
/// Such a line has the type `carryover`. In it, or in its `payload`, `chunk` holds a part of the carry and
/// `carry` the header, which stands last.
struct LineCarry: Sendable {
  private enum Kind { case chunk, header, other }

  /// A line of the type, which may be somebody else's.
  private struct Line: Sendable {
    var kind: Kind
    var number: Int
    var place: Place
    var count: Int
    /// Of what stands between the line before and this one, and of the line itself.
    var before, own: Fingerprint
    /// Whether it is longer than other records may be.
    var isTooLong: Bool

    var offset: UInt64 { if case .line(_, _, let byte) = place { byte } else { 0 } }
  }

  private let longest: Int
  private var lines: [Line] = []

  /// - Parameter longest: How long a line may be; one that is longer makes the carry unusable.
  init(longest: Int) { self.longest = longest }

  // MARK: First pass

  /// Takes a line if it is of the type.
  ///
  /// - Parameter fingerprint: That of what stands before it, which begins anew then.
  mutating func take(_ record: NativeRecord, after fingerprint: inout Fingerprint) -> Bool {
    guard let kind = kind(of: record) else { return false }
    let isEnded = record.bytes.last == UInt8(ascii: "\n")
    var line = Line(
      kind: kind, number: record.number, place: record.place,
      count: record.bytes.count - (isEnded ? 1 : 0), before: fingerprint, own: Fingerprint(),
      isTooLong: false)
    line.own.update(record.bytes)
    if case .tooLong(let long) = record.content {
      (line.count, line.isTooLong) = (long.count, true)
    }
    lines.append(line)
    fingerprint = Fingerprint()
    return true
  }

  private func kind(of record: NativeRecord) -> Kind? {
    switch record.content {
    case .blank: return nil
    case .object(let root):
      guard root["type"]?.string?.equals("carryover") == true else { return nil }
      let body = root["payload"] ?? root
      if body["chunk"]?.string != nil { return .chunk }
      return body["carry"] != nil ? .header : .other
    case .damaged: return Self.kind(beginning: record.bytes.prefix(LongLine.longestBeginning))
    case .tooLong(let line):
      let kind = Self.kind(beginning: line.beginning[...])
      // What cannot be read is no header.
      return kind == .other && line.count <= longest ? .header : kind
    }
  }

  /// What a line is that is not decoded, or cut off.
  private static func kind(beginning: ArraySlice<UInt8>) -> Kind? {
    func contains(_ text: StaticString) -> Bool {
      let text = Array(text.description.utf8)
      return beginning.indices.contains { beginning[$0...].starts(with: text) }
    }
    guard contains("\"type\":\"carryover\"") else { return nil }
    return contains("\"chunk\":\"") ? .chunk : .other
  }

  /// Settles which lines are ours: the parts without a gap before the last header, and it; where the
  /// header is gone, the last parts.
  ///
  /// Others of the type were written by somebody else and are records like any other.
  ///
  /// - Parameters:
  ///   - fingerprint: That of what follows the last line; then that of all that is not ours.
  ///   - leftOut: Gets those that are not ours and too long.
  mutating func finish(_ fingerprint: inout Fingerprint, _ leftOut: inout LeftOutRecords) {
    let last = lines.lastIndex { $0.kind == .header } ?? lines.lastIndex { $0.kind == .chunk }
    let end = last.map { $0 + 1 } ?? 0
    var start = max(0, end - 1)
    while start > 0, lines[start - 1].kind == .chunk,
      lines[start - 1].number + 1 == lines[start].number
    {
      start -= 1
    }
    var joined = Fingerprint()
    for (index, line) in lines.enumerated() {
      joined.append(line.before)
      if (start..<end).contains(index) { continue }
      joined.append(line.own)
      if line.isTooLong { leftOut.add(line.place, count: line.count) }
    }
    joined.append(fingerprint)
    fingerprint = joined
    lines = Array(lines[start..<end])
  }

  // MARK: Reading

  /// Whether the line of a number is ours.
  func holds(_ number: Int) -> Bool {
    guard let first = lines.first, let last = lines.last else { return false }
    return (first.number...last.number).contains(number)
  }

  /// A cursor over the carry; nil without any.
  ///
  /// - Parameters:
  ///   - path: The file to read.
  ///   - name: The file as the person knows it.
  func cursor(path: String, named name: String) throws(FormatError) -> CarryCursor? {
    guard let last = lines.last else { return nil }
    let file: RandomAccessFile
    do throws(FileError) {
      file = try RandomAccessFile(path: path)
    } catch {
      throw FormatError(reading: error)
    }
    let longest = longest
    func body(_ line: Line) throws(FormatError) -> JSONValue? {
      guard line.count <= longest else {
        throw .tooLong("what a conversion stored for the way back", line.count, at: line.place)
      }
      do throws(FileError) {
        let bytes = try file.read(at: line.offset, count: line.count)
        let root = JSONDocument(ifValid: bytes, limits: .go)?.root
        return root?["payload"] ?? root
      } catch {
        throw FormatError(reading: error)
      }
    }
    let header = last.kind == .header ? try body(last)?["carry"] : nil
    var rest = lines[...]
    return CarryCursor(header: header.map { StoredCarryHeader($0) } ?? .unreadable([])) {
      () throws(FormatError) -> [UInt8]? in
      while let line = rest.popFirst() {
        guard let body = try body(line) else { return Array("broken".utf8) }
        if let chunk = body["chunk"] { return Array(chunk.raw) }
      }
      return nil
    }
  }
}
