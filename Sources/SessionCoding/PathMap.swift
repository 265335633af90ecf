public import JSONText

/// Beginnings of folder names and what to put in their place; the longest that matches wins.
public struct PathMap: Sendable {
  private let paths: [(old: String, new: String)]

  /// Takes pairs in any order; a slash at the end of a side does not count.
  public init(_ paths: [(old: String, new: String)]) {
    self.paths = paths.map { (Self.withoutSlash($0.old), Self.withoutSlash($0.new)) }
      .sorted { $0.old.utf8.count > $1.old.utf8.count }
  }

  private static func withoutSlash(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? withoutSlash(String(path.dropLast())) : path
  }

  /// The path with its beginning replaced; nil when none matches.
  ///
  /// A beginning ends where a name ends: `/home/a` is none of `/home/ann`. An address `file://…`
  /// is a path too.
  public func callAsFunction(_ path: String) -> String? {
    let scheme = "file://"
    if path.hasPrefix(scheme) {
      return self(String(path.dropFirst(scheme.count))).map { scheme + $0 }
    }
    for (old, new) in paths {
      guard path.hasPrefix(old) else { continue }
      let rest = path.dropFirst(old.count)
      if old == "/" { return new + (new.hasSuffix("/") ? "" : "/") + rest }
      if rest.isEmpty || rest.hasPrefix("/") || rest.hasPrefix("\\") {
        return new == "/" && !rest.isEmpty ? String(rest) : new + rest
      }
    }
    return nil
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
