/// Marks with their lines, in order; five bytes each, and those that say more twelve more.
struct CodexMarkList: RandomAccessCollection {
  private enum Kind: UInt8 {
    case message, item, userEvent, turnStart, rollback, compaction, compactionWithList
  }

  private var lines = ChunkedArray<UInt32>()
  private var kinds = ChunkedArray<Kind>()
  /// The numbers of the marks that say more, in order, and of each where its line stands or the number
  /// of turns of a rollback.
  private var places = ChunkedArray<UInt32>()
  private var values = ChunkedArray<UInt64>()
  private var counts = ChunkedArray<UInt32>()

  var startIndex: Int { 0 }
  var endIndex: Int { lines.count }

  subscript(_ index: Int) -> (line: Int, mark: CodexMarks.Mark) {
    let line = Int(lines[index])
    switch kinds[index] {
    case .message: return (line, .message(place(of: index)))
    case .item: return (line, .item)
    case .userEvent: return (line, .userEvent)
    case .turnStart: return (line, .turnStart)
    case .rollback: return (line, .rollback(Int(clamping: place(of: index).offset)))
    case .compaction: return (line, .compaction(place(of: index), hasList: false))
    case .compactionWithList: return (line, .compaction(place(of: index), hasList: true))
    }
  }

  private func place(of index: Int) -> CodexScan.LinePlace {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = low + (high - low) / 2
      if Int(places[middle]) < index { low = middle + 1 } else { high = middle }
    }
    return CodexScan.LinePlace(
      line: Int(lines[index]), offset: values[low], count: Int(counts[low]))
  }

  mutating func append(_ mark: CodexMarks.Mark, line: Int) {
    switch mark {
    case .message(let place):
      kinds.append(.message)
      append(place.offset, place.count)
    case .compaction(let place, let hasList):
      kinds.append(hasList ? .compactionWithList : .compaction)
      append(place.offset, place.count)
    case .rollback(let turns):
      kinds.append(.rollback)
      append(UInt64(clamping: turns), 0)
    case .item: kinds.append(.item)
    case .userEvent: kinds.append(.userEvent)
    case .turnStart: kinds.append(.turnStart)
    }
    lines.append(UInt32(clamping: line))
  }

  /// Notes more about the mark that comes next.
  private mutating func append(_ value: UInt64, _ count: Int) {
    places.append(UInt32(clamping: lines.count))
    values.append(value)
    counts.append(UInt32(clamping: count))
  }
}
