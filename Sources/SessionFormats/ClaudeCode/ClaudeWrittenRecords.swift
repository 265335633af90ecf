internal import FileIO
internal import JSONText
internal import SessionCoding

/// The records of a file that is being written, as its reader will tell them apart.
struct ClaudeWrittenRecords {
  /// What would come into force when the session is resumed.
  private(set) var grants = ClaudeGrantCount()
  /// The length of each record.
  private(set) var lengths = ChunkedArray<Int>()
  /// The fingerprint of all of them.
  private(set) var fingerprint = Fingerprint()
  /// Where the next line starts.
  private var offset: UInt64 = 0

  /// Reads on; a line without an end waits until the file is finished.
  mutating func read(_ path: String, isFinished: Bool) throws(FormatError) {
    let options = ReadOptions.unlimited
    let records = try ClaudeRecords(path: path, options: options, startingAt: offset)
    while let record = try records.next(), isFinished || record.line.isTerminated {
      offset = record.line.offset + UInt64(record.line.bytes.count)
      lengths.append(record.bytes.count)
      fingerprint.update(record.bytes)
      // What follows the first record of a line was a record of its own where it came from.
      let content =
        record.content
        ?? ClaudeLine.decode(Array(record.bytes), maximumDepth: options.maximumDepth).line
      if case .record(let document, let type) = content,
        let kind = ClaudeGrants.kind(document.root, type: type)
      {
        grants.add(kind)
      }
    }
  }
}

/// The records of a file whose lengths are known.
final class ClaudeKnownRecords: RecordReader {
  private var lines: SharedLineReader
  private let lengths: ChunkedArray<Int>
  private var number = 0
  /// What is left of the line at hand.
  private var rest: ArraySlice<UInt8> = []

  init(path: String, lengths: ChunkedArray<Int>) throws(FormatError) {
    self.lengths = lengths
    do throws(FileError) {
      lines = try SharedLineReader(path: path)
    } catch {
      throw FormatError(reading: error)
    }
  }

  func nextRecord() throws(FormatError) -> ArraySlice<UInt8>? {
    if rest.isEmpty {
      do throws(FileError) {
        guard let line = try lines.next(keepingLineFeed: true) else {
          return nil
        }
        rest = line.bytes
      } catch {
        throw FormatError(reading: error)
      }
    }
    // More than there should be is a record too, which then is one too many.
    let record = number < lengths.count ? rest.prefix(lengths[number]) : rest
    number += 1
    rest = rest[record.endIndex...]
    return record
  }
}
