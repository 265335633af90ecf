internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads the lines of a session file, our own records excluded, as the tool's reader splits them.
final class GGCodeLineStream: RecordStream {
  private let file: LocatedSession
  private let limits: JSONLimits
  private var lines: SharedLineReader
  /// Where our own records are, so far.
  private(set) var carry: [GGCodeCarry.Line] = []
  /// What was read and not handed out yet.
  private var ready: ArraySlice<NativeRecord> = []

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
    while ready.isEmpty, try readOn() {}
    return ready.popFirst()
  }

  /// Reads a line, and those before it that are too long; false at the end.
  private func readOn() throws(FormatError) -> Bool {
    var long: [LongLine] = []
    let next: SharedLine?
    do throws(FileError) {
      next = try lines.next(keepingLineFeed: true) { long.append($0) }
    } catch {
      throw FormatError(reading: error)
    }
    for line in long {
      let place = place(line.number, line.offset)
      if takeCarry(line.beginning[...], place, count: line.count) { continue }
      ready.append(
        NativeRecord(number: line.number, place: place, bytes: [], content: .tooLong(line)))
    }
    guard let line = next else { return false }
    let place = place(line.number, line.offset)
    let count = line.range.count - (line.isTerminated ? 1 : 0)
    if !takeCarry(line.bytes, place, count: count) {
      ready.append(
        NativeRecord(
          number: line.number, place: place, bytes: line.bytes, content: content(of: line)))
    }
    return true
  }

  /// Takes a line if it is one of our own.
  private func takeCarry(_ beginning: ArraySlice<UInt8>, _ place: Place, count: Int) -> Bool {
    guard GGCodeCarry.isOurs(beginning) else { return false }
    carry.append(GGCodeCarry.Line(place: place, count: count))
    return true
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
