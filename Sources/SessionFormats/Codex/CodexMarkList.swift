/// Marks with their lines, in order; about twenty bytes each.
struct CodexMarkList: RandomAccessCollection {
  private enum Kind: UInt8 {
    case message, item, userEvent, turnStart, rollback, compaction, compactionWithList
  }

  private var lines = ChunkedArray<UInt32>()
  private var kinds = ChunkedArray<Kind>()
  /// Where the line stands, or the number of turns of a rollback.
  private var values = ChunkedArray<UInt64>()
  private var counts = ChunkedArray<UInt32>()

  var startIndex: Int { 0 }
  var endIndex: Int { lines.count }

  subscript(_ index: Int) -> (line: Int, mark: CodexMarks.Mark) {
    let line = Int(lines[index])
    let place = CodexScan.LinePlace(line: line, offset: values[index], count: Int(counts[index]))
    switch kinds[index] {
    case .message: return (line, .message(place))
    case .item: return (line, .item)
    case .userEvent: return (line, .userEvent)
    case .turnStart: return (line, .turnStart)
    case .rollback: return (line, .rollback(Int(clamping: values[index])))
    case .compaction: return (line, .compaction(place, hasList: false))
    case .compactionWithList: return (line, .compaction(place, hasList: true))
    }
  }

  mutating func append(_ mark: CodexMarks.Mark, line: Int) {
    var (value, count): (UInt64, Int) = (0, 0)
    switch mark {
    case .message(let place):
      kinds.append(.message)
      (value, count) = (place.offset, place.count)
    case .compaction(let place, let hasList):
      kinds.append(hasList ? .compactionWithList : .compaction)
      (value, count) = (place.offset, place.count)
    case .rollback(let turns):
      kinds.append(.rollback)
      value = UInt64(clamping: turns)
    case .item: kinds.append(.item)
    case .userEvent: kinds.append(.userEvent)
    case .turnStart: kinds.append(.turnStart)
    }
    lines.append(UInt32(clamping: line))
    values.append(value)
    counts.append(UInt32(clamping: count))
  }
}
