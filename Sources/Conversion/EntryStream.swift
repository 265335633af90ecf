internal import SessionCoding
internal import SessionModel

/// The entries of a session in order, from its reader or from a task that reads ahead.
struct EntryStream {
  private let reader: any SessionReader
  private let ahead: ReadAhead?
  private var batch: [Entry] = []
  private var position = 0

  private init(_ reader: any SessionReader, _ ahead: ReadAhead?) {
    self.reader = reader
    self.ahead = ahead
  }

  /// What was found to be damaged; complete at the end.
  var findings: [Finding] { ahead?.findings ?? reader.findings }

  /// The next entry; nil at the end.
  mutating func next() async throws(FormatError) -> Entry? {
    guard let ahead else { return try reader.next() }
    if position == batch.count {
      var handled: [Entry] = []
      swap(&handled, &batch)
      position = 0
      batch = try await ahead.next(after: handled) ?? []
      if batch.isEmpty { return nil }
    }
    position += 1
    return batch[position - 1]
  }

  /// The next entry, of which is known what it should say.
  mutating func next(like entry: Entry) async throws(FormatError) -> Entry? {
    ahead == nil ? try reader.next(like: entry) : try await next()
  }

  /// Hands out the entries of a reader; another task reads ahead where asked for and possible.
  static func with<Value>(
    _ reader: any SessionReader, readsAhead: Bool,
    _ body: (inout EntryStream) async throws(FormatError) -> Value
  ) async throws(FormatError) -> Value {
    guard readsAhead, let other = try reader.independent() else {
      var stream = EntryStream(reader, nil)
      return try await body(&stream)
    }
    let ahead = ReadAhead(other)
    let result = await withTaskGroup(of: Void.self) { group in
      group.addTask { @concurrent in await ahead.run() }
      let result: Result<Value, FormatError>
      do throws(FormatError) {
        var stream = EntryStream(reader, ahead)
        result = .success(try await body(&stream))
      } catch {
        result = .failure(error)
      }
      ahead.stop()
      return result
    }
    return try result.get()
  }
}
