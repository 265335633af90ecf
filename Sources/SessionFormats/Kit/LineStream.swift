internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads a file of JSON lines, one record per line.
final class LineStream: RecordStream {
  private let path: String
  private let limits: JSONLimits
  private var lines: SharedLineReader
  /// What was read and not handed out yet.
  private var ready: ArraySlice<NativeRecord> = []

  /// - Parameters:
  ///   - path: The file that is read.
  ///   - name: The path that places name, where another file is read in its stead.
  init(path: String, name: String, options: ReadOptions) throws(FormatError) {
    self.path = name
    limits = JSONLimits(maximumDepth: options.maximumDepth)
    do throws(FileError) {
      lines = try SharedLineReader(path: path, maximumLineLength: options.maximumRecordLength)
    } catch {
      throw FormatError(reading: error)
    }
  }

  func next() throws(FormatError) -> NativeRecord? {
    if ready.isEmpty {
      var long: [LongLine] = []
      do throws(FileError) {
        let line = try lines.next(keepingLineFeed: true) { long.append($0) }
        ready += long.map(record)
        if let line { ready.append(record(line)) }
      } catch {
        throw FormatError(reading: error)
      }
    }
    return ready.popFirst()
  }

  private func record(_ line: SharedLine) -> NativeRecord {
    NativeRecord(
      number: line.number, place: .line(path: path, line: line.number, byte: line.offset),
      bytes: line.bytes, content: content(of: line))
  }

  private func record(_ line: LongLine) -> NativeRecord {
    NativeRecord(
      number: line.number, place: .line(path: path, line: line.number, byte: line.offset),
      bytes: [], content: .tooLong(line))
  }

  private func content(of line: SharedLine) -> NativeRecord.Content {
    if line.bytes.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) { return .blank }
    do throws(JSONError) {
      let root = try JSONDocument(line.storage, in: line.range, limits: limits).root
      return root.kind == .object ? .object(root) : .damaged("the line is no JSON object", at: 0)
    } catch {
      let hasMark = line.bytes.starts(with: [0xEF, 0xBB, 0xBF])
      return .damaged(
        hasMark
          ? "a byte order mark stands before the record" : "the line is no JSON: \(error)",
        at: error.offset)
    }
  }
}
