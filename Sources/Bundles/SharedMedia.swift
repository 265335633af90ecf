internal import Archive
internal import FileIO
internal import SessionCoding
internal import Synchronization

/// Media that several sessions of one backup hold, which are stored once, as blobs.
///
/// A medium is a Base64 text anywhere in an original. It is taken out of the original only where
/// encoding the blob gives that very text again, so the original comes back byte for byte.
final class SharedMedia: Sendable {
  /// A medium's bytes in a private file.
  struct Blob: Sendable, Hashable {
    /// The digest of the bytes, which is the blob's name.
    var name: String
    var size: UInt64
    var file: String
  }

  private struct State {
    /// The session that a text was first seen in, by the text's digest.
    var first: [String: Int] = [:]
    var blobs: [String: Blob] = [:]
  }

  private let state = Mutex(State())
  private let folder: TemporaryDirectory

  init(in folder: TemporaryDirectory) { self.folder = folder }

  /// All media found to be shared, in the order of their names.
  var blobs: [Blob] {
    Set(state.withLock { Array($0.blobs.values) }).sorted { $0.name < $1.name }
  }

  /// Notes the media of a session.
  ///
  /// - Parameter session: The session's number in the plan.
  func note(_ file: PayloadFile, of session: Int) throws(FormatError) {
    try file.forEachMedium { (_, text) throws(FormatError) in try note(text, of: session) }
  }

  /// Notes the media in a record of a session.
  func note(record: ArraySlice<UInt8>, of session: Int) throws(FormatError) {
    for range in Base64Runs.find(in: record).found { try note(record[range], of: session) }
  }

  /// Notes a Base64 text in a session.
  func note(_ text: ArraySlice<UInt8>, of session: Int) throws(FormatError) {
    let key = Self.key(text)
    let isNews = state.withLock { state in
      if state.blobs[key] != nil { return false }
      let first = state.first[key]
      if first == nil { state.first[key] = session }
      return first != nil && first != session
    }
    guard isNews, let bytes = Base64.decode(String(decoding: text, as: UTF8.self)),
      Base64.encode(bytes).utf8.elementsEqual(text)
    else { return }
    let name = ContentDigest.hex(of: bytes)
    let blob = Blob(name: name, size: UInt64(bytes.count), file: folder.path(of: "blob-" + name))
    try writing { () throws(FileError) in
      var output = try AtomicOutput(replacing: blob.file)
      try output.write(bytes)
      try output.commit(durable: false)
    }
    state.withLock { $0.blobs[key] = blob }
  }

  private static func key(_ text: ArraySlice<UInt8>) -> String {
    var digest = ContentDigest()
    digest.update(text)
    return digest.hex
  }

  /// Takes the shared media out of a file.
  ///
  /// - Returns: What is left, and what has to be put in again, in order.
  func take(outOf file: PayloadFile) throws(FormatError) -> (PayloadFile, [SourceNote.Cut]) {
    let known = state.withLock(\.blobs)
    guard !known.isEmpty else { return (file, []) }
    var cuts: [SourceNote.Cut] = []
    var ranges: [Range<UInt64>] = []
    try file.forEachMedium { (offset, text) throws(FormatError) in
      guard let blob = known[Self.key(text)] else { return }
      cuts.append(SourceNote.Cut(offset: offset, blob: blob.name, size: blob.size))
      ranges.append(offset..<(offset + UInt64(text.count)))
    }
    return (try file.without(ranges), cuts)
  }
}
