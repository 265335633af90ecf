internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads the lines of a session file, our own records excluded, as the tool's reader splits them.
final class GGCodeLineStream: RecordStream {
  private let file: LocatedSession
  private let limits: JSONLimits
  private var lines: SharedLineReader
  private(set) var leftOut = LeftOutRecords()
  /// Where our own records are, so far.
  private(set) var carry: [GGCodeCarry.Line] = []
  /// The lines so far that are left out and that classic releases fail on.
  private(set) var longLines: [(place: Place, count: Int)] = []

  init(_ file: LocatedSession, _ options: ReadOptions) throws(FormatError) {
    self.file = file
    var limits = JSONLimits.go
    limits.maximumDepth = options.maximumDepth
    self.limits = limits
    do throws(FileError) {
      lines = try SharedLineReader(
        path: file.path, maximumLineLength: options.maximumRecordLength)
    } catch {
      throw FormatError(reading: error)
    }
  }

  func next() throws(FormatError) -> NativeRecord? {
    while let line = try nextLine() {
      if GGCodeCarry.isOurs(line.bytes) {
        let count = line.range.count - (line.isTerminated ? 1 : 0)
        carry.append(GGCodeCarry.Line(place: place(line.number, line.offset), count: count))
        continue
      }
      return NativeRecord(
        number: line.number, place: place(line.number, line.offset), bytes: line.bytes,
        content: content(of: line))
    }
    return nil
  }

  private func nextLine() throws(FormatError) -> SharedLine? {
    var long: [LongLine] = []
    let next: SharedLine?
    do throws(FileError) {
      next = try lines.next(keepingLineFeed: true) { long.append($0) }
    } catch {
      throw FormatError(reading: error)
    }
    for line in long {
      let place = place(line.number, line.offset)
      if GGCodeCarry.isOurs(line.beginning[...]) {
        carry.append(GGCodeCarry.Line(place: place, count: line.count))
        continue
      }
      leftOut.add(place, count: line.count)
      if line.count >= GGCodeLineRules.toolLineLimit { longLines.append((place, line.count)) }
    }
    return next
  }

  private func place(_ line: Int, _ byte: UInt64) -> Place {
    .line(path: file.name, line: line, byte: byte)
  }

  /// A `null` counts as an object: it decodes to a record without a type.
  private func content(of line: SharedLine) -> NativeRecord.Content {
    guard let text = UnicodeWhiteSpace.trimmed(line.bytes) else { return .blank }
    let shift = text.startIndex - line.range.lowerBound
    do throws(JSONError) {
      return .object(try JSONDocument(line.storage, in: text.indices, limits: limits).root)
    } catch {
      if text.starts(with: [0xEF, 0xBB, 0xBF]) {
        return .damaged("a byte order mark stands before the record", at: shift)
      }
      return .damaged(
        error.code == .trailingData
          ? "more follows the record on the same line"
          : "the line is not a whole JSON record (\(error.description))", at: error.offset + shift)
    }
  }

  /// Whether one of the first lines of a file is a record of this format, or one of ours.
  ///
  /// A guess: whoever opens the file says why it cannot be read.
  static func looksLikeSession(_ path: String) -> Bool {
    let file = LocatedSession(id: "", path: path, relativePath: path)
    guard let stream = try? GGCodeLineStream(file, ReadOptions()) else { return false }
    for _ in 0..<50 {
      // A guess, as above.
      guard let record = try? stream.next() else { return !stream.carry.isEmpty }
      guard case .object(let root) = record.content, root["type"]?.string != nil else { continue }
      return GGCodeDecoder.recognizes(root)
    }
    return false
  }
}
