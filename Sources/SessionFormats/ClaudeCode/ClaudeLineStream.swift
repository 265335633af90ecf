internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads a session file: a record for each line, or two where more follows the first on the line.
///
/// Of two records on one line the program reads the first (observed with 2.1.329). A byte order mark
/// and a carriage return are read over. Our own record, see ``ClaudeCarry``, is no part of the session.
final class ClaudeLineStream: RecordStream {
  private let path: String
  private let limits: JSONLimits
  private var lines: SharedLineReader
  private var rest: NativeRecord?
  private(set) var leftOut = LeftOutRecords()
  /// Our last record so far.
  private(set) var marker: JSONValue?
  /// Whether a line begins as our own record does and cannot be read.
  private(set) var hasBrokenMarker = false

  /// What is wrong with the rest of a line.
  static let moreFollows = "more follows the record on the same line"

  init(_ file: ClaudeFile, _ options: ReadOptions) throws(FormatError) {
    path = file.path
    limits = JSONLimits(maximumDepth: options.maximumDepth)
    do throws(FileError) {
      lines = try SharedLineReader(
        path: file.readPath, maximumLineLength: options.maximumRecordLength)
    } catch {
      throw FormatError(reading: error)
    }
  }

  func next() throws(FormatError) -> NativeRecord? {
    if let rest = rest.take() { return rest }
    while let line = try nextLine() {
      let (content, end) = Self.content(of: line.storage, in: line.range, limits)
      let bytes = line.bytes
      if let end {
        rest = NativeRecord(
          number: line.number, place: place(line.number, line.offset + UInt64(end)),
          bytes: bytes.dropFirst(end), content: .damaged(Self.moreFollows, at: 0))
      }
      let isOurs = bytes.starts(with: ClaudeCarry.start)
      switch content {
      case .object(let root) where root.text("type") == ClaudeCarry.type:
        marker = root
        if isOurs {
          if let rest = rest.take() { return rest }
          continue
        }
      case .damaged where isOurs: hasBrokenMarker = true
      default: break
      }
      return NativeRecord(
        number: line.number, place: place(line.number, line.offset),
        bytes: end.map { bytes.prefix($0) } ?? bytes, content: content)
    }
    return nil
  }

  private func nextLine() throws(FormatError) -> SharedLine? {
    var long: [LongLine] = []
    let line: SharedLine?
    do throws(FileError) {
      line = try lines.next(keepingLineFeed: true) { long.append($0) }
    } catch {
      throw FormatError(reading: error)
    }
    for line in long where !line.beginning.starts(with: ClaudeCarry.start) {
      leftOut.add(place(line.number, line.offset), count: line.count)
    }
    return line
  }

  private func place(_ line: Int, _ byte: UInt64) -> Place {
    .line(path: path, line: line, byte: byte)
  }

  /// What a line holds, and where its first record ends when more follows on the line.
  static func content(
    of bytes: [UInt8], in range: Range<Int>, _ limits: JSONLimits
  ) -> (content: NativeRecord.Content, end: Int?) {
    let mark = bytes[range].starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let text = (range.lowerBound + mark)..<range.upperBound
    do throws(JSONError) {
      let root = try JSONDocument(bytes, in: text, limits: limits).root
      return (isRecord(root) ? .object(root) : .blank, nil)
    } catch {
      if bytes[text].allSatisfy({ $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }) {
        return (.blank, nil)
      }
      let offset = error.offset + mark
      if error.code == .trailingData, offset > mark,
        // That it is no JSON is the answer.
        let document = try? JSONDocument(
          bytes, in: text.lowerBound..<(range.lowerBound + offset), limits: limits),
        isRecord(document.root)
      {
        return (.object(document.root), offset)
      }
      return (
        .damaged("the line is not a whole JSON record (\(error.description))", at: offset), nil
      )
    }
  }

  /// Whether JSON is an object with a type; the tool passes over anything else.
  private static func isRecord(_ root: JSONValue) -> Bool {
    root["type"]?.string.map { !$0.isEmpty } ?? false
  }

  /// What the first record that says it, among the first lines of a file, says.
  static func first<Said>(
    _ count: Int, of file: ClaudeFile, _ say: (JSONValue) -> Said?
  ) -> Said? {
    // A guess: whoever opens the file says why it cannot be read.
    guard let stream = try? ClaudeLineStream(file, ReadOptions()) else { return nil }
    for _ in 0..<count {
      // As above.
      guard let record = try? stream.next() else { return nil }
      if case .object(let root) = record.content, let said = say(root) { return said }
    }
    return nil
  }

  /// Whether one of the first lines of a file is a record of this format.
  static func looksLikeSession(_ path: String) -> Bool {
    first(50, of: ClaudeFile(id: "", path: path)) { ClaudeDecoder.recognizes($0) ? true : nil }
      ?? false
  }
}
