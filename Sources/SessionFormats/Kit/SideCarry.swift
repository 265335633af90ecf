internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The carry of a session in a file of its own beside the session's file.
///
/// `<file>.<16 hex digits>.carryover` holds the chunks, one for each line, and the header in the last
/// line. The digits are a hash of the session's file as it was written, so that the file of a new state
/// never takes the place of one that still counts; the tools look at files with their own endings only.
enum SideCarry {
  private static let suffix = ".carryover"

  /// The name for a state of a session's file.
  static func name(for file: String, content: Fingerprint) -> String {
    "\(file).\(ContentHash(Array(content.description.utf8)[...]).hex)\(suffix)"
  }

  /// Whether a name is one that ``name(for:content:)`` gives.
  static func isName(_ name: String) -> Bool { name.hasSuffix(suffix) }

  /// Whether a name is that of a session file's carry.
  static func isName(_ name: String, of file: String) -> Bool {
    name.hasPrefix(file + ".") && isName(name)
      && name.utf8.count == file.utf8.count + 17 + suffix.utf8.count
  }

  /// The header in a carry file, its last line; one that cannot be read is unreadable, not an error.
  private static func header(in path: String) -> StoredCarryHeader {
    do throws(FileError) {
      let file = try RandomAccessFile(path: path)
      var count: UInt64 = 64 << 10
      while true {
        let start = file.size > count ? file.size - count : 0
        let bytes = try file.read(at: start, count: Int(file.size - start))
        let line = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        if let end = line.lastIndex(of: UInt8(ascii: "\n")) {
          return StoredCarryHeader(json: Array(line[(end + 1)...]))
        }
        if start == 0 { return StoredCarryHeader(json: Array(line)) }
        count *= 4
      }
    } catch {
      return .unreadable([])
    }
  }

  /// The carry of a session, among the files beside it.
  ///
  /// Of several the one that was written for the longest beginning of the session's file as it is now.
  /// One of another session, which was put here, counts as unreadable.
  static func cursor(of file: LocatedSession, longest: Int) throws(FormatError) -> CarryCursor? {
    let folder = LocatedSession.folder(of: file.name) ?? "."
    var best: (path: String, header: StoredCarryHeader, fits: Bool)?
    for name in file.sides {
      let path = folder + "/" + name
      var header = header(in: path)
      // The session's file is read only where names do not tell.
      var fits = false
      if let known = header.header, file.sides.count > 1 || !isOf(file, known) {
        fits = try Self.fits(known.target, file.path)
        if !fits, !isOf(file, known) { header = .unreadable(header.json) }
      }
      let count = header.header?.target.count ?? 0
      if let best,
        best.fits && !fits || best.fits == fits && count <= best.header.header?.target.count ?? 0
      {
        continue
      }
      best = (path, header, fits)
    }
    guard let best else { return nil }
    guard best.header.header != nil else {
      return CarryCursor(header: best.header) { () throws(FormatError) in nil }
    }
    let chunks = try SideCarryChunks(path: best.path, longest: longest)
    return CarryCursor(header: best.header) { () throws(FormatError) in try chunks.next() }
  }

  /// Whether a carry says that it was written for a session of that name.
  private static func isOf(_ file: LocatedSession, _ header: CarryHeader) -> Bool {
    let id = CanonicalJSON.head(from: header.targetHead)?.id
    return id == file.id || id == file.stem
  }

  /// Whether a file begins with just what a fingerprint is of.
  private static func fits(_ target: Fingerprint, _ path: String) throws(FormatError) -> Bool {
    do throws(FileError) {
      let file = try RandomAccessFile(path: path)
      guard file.size >= target.count else { return false }
      var (fingerprint, offset) = (Fingerprint(), UInt64(0))
      while offset < target.count {
        let bytes = try file.read(at: offset, count: Int(min(1 << 20, target.count - offset)))
        if bytes.isEmpty { return false }
        fingerprint.update(bytes)
        offset += UInt64(bytes.count)
      }
      return fingerprint == target
    } catch {
      throw FormatError(reading: error)
    }
  }
}

/// The chunks of a carry file: all lines but the last.
private final class SideCarryChunks {
  private let lines: CarryLines
  private var ahead: [UInt8]?
  private var hasBegun = false

  init(path: String, longest: Int) throws(FormatError) {
    lines = try CarryLines(path: path, longest: longest)
  }

  func next() throws(FormatError) -> [UInt8]? {
    if !hasBegun { ahead = try lines.next() }
    hasBegun = true
    guard let chunk = ahead else { return nil }
    ahead = try lines.next()
    return ahead == nil ? nil : chunk
  }
}
