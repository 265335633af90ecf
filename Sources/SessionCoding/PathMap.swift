public import JSONText

/// Beginnings of folder names and what to put in their place; the longest that matches wins.
///
/// Paths are those of POSIX systems or of Windows, with a drive or a share. Where a path goes from one to
/// the other, the separators of what follows change too.
public struct PathMap: Sendable {
  private let paths: [(old: FolderName, new: FolderName)]

  /// Takes pairs in any order; a separator at the end of a side does not count.
  public init(_ paths: [(old: String, new: String)]) {
    self.paths = paths.map { (FolderName($0.old), FolderName($0.new)) }
      .sorted { $0.old.text.utf8.count > $1.old.text.utf8.count }
  }

  /// The path with its beginning replaced; nil when none matches.
  ///
  /// A beginning ends where a name ends: `/home/a` is none of `/home/ann`. The case of a drive's letter
  /// does not count. An address `file://…` is a path too.
  public func callAsFunction(_ path: String) -> String? {
    let scheme = "file://"
    if path.hasPrefix(scheme) {
      let rest = path.dropFirst(scheme.count)
      // A drive comes after a slash of its own there.
      let isDrive = rest.hasPrefix("/") && FolderName.startsWithDrive(rest.dropFirst())
      guard let mapped = self(String(isDrive ? rest.dropFirst() : rest)) else { return nil }
      let isMappedDrive = FolderName.startsWithDrive(mapped[...])
      return scheme + (isMappedDrive ? "/" + mapped.replacing("\\", with: "/") : mapped)
    }
    for (old, new) in paths {
      if let rest = old.rest(of: path) { return new.path(to: rest, from: old) }
    }
    return nil
  }
}

/// The beginning of paths of one system.
private struct FolderName: Sendable {
  /// Without a separator at the end, unless it is the root.
  let text: String
  /// Whether it is a path of Windows: `C:\…`, or `\\server\share`.
  let isWindows: Bool

  init(_ path: String) {
    isWindows = Self.startsWithDrive(path[...]) || path.hasPrefix("\\\\")
    var text = path[...]
    while text.count > 1, let last = text.last, last == "/" || isWindows && last == "\\" {
      text.removeLast()
    }
    self.text = String(text)
  }

  static func startsWithDrive(_ path: Substring) -> Bool {
    let start = Array(path.utf8.prefix(3))
    return start.count >= 2 && start[1] == UInt8(ascii: ":")
      && (65...90).contains(start[0] & 0xDF)
      && (start.count == 2 || start[2] == UInt8(ascii: "/") || start[2] == UInt8(ascii: "\\"))
  }

  private func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\")
  }

  /// What follows this beginning in a path, with the separator; nil when the path begins otherwise.
  func rest(of path: String) -> Substring? {
    let (own, other) = (Array(text.utf8), path.utf8)
    guard other.count >= own.count else { return nil }
    for (index, (mine, theirs)) in zip(own, other).enumerated() {
      let isSame =
        mine == theirs
        || isWindows && isSeparator(mine) && isSeparator(theirs)
        || isWindows && index == 0 && own.dropFirst().first == UInt8(ascii: ":")
          && mine & 0xDF == theirs & 0xDF
      if !isSame { return nil }
    }
    let rest = path[other.index(other.startIndex, offsetBy: own.count)...]
    if text == "/" { return rest.isEmpty ? rest : "/" + rest }
    guard let first = rest.utf8.first else { return rest }
    return isSeparator(first) ? rest : nil
  }

  /// The path that leads from here to what followed another beginning.
  func path(to rest: Substring, from old: FolderName) -> String {
    var rest = rest
    if isWindows, !old.isWindows { rest = rest.replacing("/", with: "\\") }
    if !isWindows, old.isWindows { rest = rest.replacing("\\", with: "/") }
    if rest.isEmpty { return text.hasSuffix(":") ? text + "\\" : text }
    return text == "/" ? String(rest) : text + rest
  }
}

extension SessionFormat {
  /// The head alone states folders, unless a format says otherwise.
  public func mappingPaths(of record: ArraySlice<UInt8>, _ map: PathMap)
    -> (bytes: [UInt8], count: Int)?
  { nil }
}

/// A JSON record in which single strings are replaced and every other byte stays.
public struct RecordPaths {
  private let document: JSONDocument
  private let map: PathMap
  private var changes: [(range: Range<Int>, text: [UInt8])] = []

  /// Looks at a record; nil when it is not one JSON value.
  public init?(_ record: ArraySlice<UInt8>, map: PathMap) {
    guard let document = JSONDocument(ifValid: Array(record)) else { return nil }
    self.document = document
    self.map = map
  }

  /// The record's value.
  public var root: JSONValue { document.root }

  /// How many paths are replaced.
  public var count: Int { changes.count }

  /// Replaces a path, or the paths of an array.
  public mutating func replace(_ value: JSONValue?) {
    guard let value else { return }
    switch value.kind {
    case .array: for element in value.elements where element.kind == .string { replace(element) }
    case .string:
      guard let path = value.string, path.isExact, let new = map(path.string) else { return }
      var writer = JSONWriter(reserving: new.utf8.count + 2)
      writer.string(new)
      changes.append((value.range, writer.bytes))
    default: break
    }
  }

  /// The record with all replacements.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    var position = 0
    for (range, text) in changes.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      bytes += document.bytes[position..<range.lowerBound] + text
      position = range.upperBound
    }
    return bytes + document.bytes[position...]
  }
}
