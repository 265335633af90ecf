import FileIO
import SessionCoding
import SessionModel
import Synchronization

/// The carry of sessions that are being written, in a file, until it is moved to its place.
final class CarryFile: Sendable {
  private let path: String
  private let index = Mutex(Index())

  private struct Chunk {
    var number: Int64
    var offset: UInt64
    var count: Int
    /// What was stored, to be told from anything else that is read there.
    var hash: ContentHash
  }

  private struct Index {
    /// The sessions in the order in which they came.
    var sessions: [String] = []
    var chunks: [String: [Chunk]] = [:]
  }

  /// Begins with nothing; the file is made when there is something.
  init(path: String) { self.path = path }

  /// Stores a chunk of a session, in place of one that has the same number.
  func store(_ data: [UInt8], chunk number: Int64, of id: String) throws(FormatError) {
    let hash = ContentHash(data[...])
    // One session may be compared while another is published: where a chunk begins is known only as
    // long as nobody else appends.
    let failure = index.withLock { index -> FileError? in
      let offset: UInt64
      do throws(FileError) {
        offset = try appendToFile(path, data, mendingLine: false).before
      } catch {
        return error
      }
      if index.chunks[id] == nil { index.sessions.append(id) }
      index.chunks[id, default: []].removeAll { $0.number == number }
      index.chunks[id, default: []].append(
        Chunk(number: number, offset: offset, count: data.count, hash: hash))
      return nil
    }
    if let failure { throw FormatError(writing: failure) }
  }

  /// A chunk of a session; nil if there is none of that number.
  func chunk(_ number: Int64, of id: String) throws(FormatError) -> [UInt8]? {
    let chunk = index.withLock { index in
      index.chunks[id]?.first { $0.number == number }
    }
    guard let chunk else { return nil }
    return try read(chunk, from: try open())
  }

  private func open() throws(FormatError) -> RandomAccessFile {
    do throws(FileError) {
      return try RandomAccessFile(path: path)
    } catch {
      throw FormatError(writing: error)
    }
  }

  private func read(
    _ chunk: Chunk, from file: borrowing RandomAccessFile
  ) throws(FormatError) -> [UInt8] {
    let data: [UInt8]
    do throws(FileError) {
      data = try file.read(at: chunk.offset, count: chunk.count)
    } catch {
      throw FormatError(writing: error)
    }
    guard ContentHash(data[...]) == chunk.hash else {
      throw FormatError(
        .readBackDiffers, "what was put aside for the way back reads otherwise now",
        at: .file(path: path), advice: "nothing was published; run again")
    }
    return data
  }

  /// Forgets what is stored of a session.
  func remove(_ id: String) {
    index.withLock { index in
      guard index.chunks.removeValue(forKey: id) != nil else { return }
      index.sessions.removeAll { $0 == id }
    }
  }

  /// Gives what is stored of a session to another identifier.
  func rename(_ id: String, to newID: String) {
    index.withLock { index in
      guard let chunks = index.chunks.removeValue(forKey: id) else { return }
      index.chunks[newID] = chunks
      index.sessions = index.sessions.map { $0 == id ? newID : $0 }
    }
  }

  /// Whether nothing is stored.
  var isEmpty: Bool { index.withLock { $0.sessions.isEmpty } }

  /// Calls `body` with all chunks of all sessions.
  func forEach(
    _ body: (_ id: String, _ number: Int64, _ data: [UInt8]) throws(FormatError) -> Void
  ) throws(FormatError) {
    let index = index.withLock { $0 }
    guard !index.sessions.isEmpty else { return }
    let file = try open()
    for id in index.sessions {
      for chunk in (index.chunks[id] ?? []).sorted(by: { $0.number < $1.number }) {
        try body(id, chunk.number, try read(chunk, from: file))
      }
    }
  }
}
