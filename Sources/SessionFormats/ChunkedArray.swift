/// An array that grows without being copied, for what may be long.
struct ChunkedArray<Element>: RandomAccessCollection {
  private static var chunkBits: Int { 12 }

  private var chunks: [[Element]] = []
  private(set) var count = 0

  var startIndex: Int { 0 }
  var endIndex: Int { count }

  subscript(_ index: Int) -> Element {
    get { chunks[index >> Self.chunkBits][index & (1 << Self.chunkBits - 1)] }
    set { chunks[index >> Self.chunkBits][index & (1 << Self.chunkBits - 1)] = newValue }
  }

  mutating func append(_ element: Element) {
    if count >> Self.chunkBits == chunks.count {
      var chunk: [Element] = []
      chunk.reserveCapacity(1 << Self.chunkBits)
      chunks.append(chunk)
    }
    chunks[chunks.count - 1].append(element)
    count += 1
  }
}

extension ChunkedArray: Sendable where Element: Sendable {}
