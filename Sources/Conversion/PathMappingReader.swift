internal import SessionCoding
internal import SessionModel

/// Replaces prefixes of workspace paths in heads; texts of messages stay as they are.
final class PathMappingReader: SessionReader {
  let head: SessionHead
  private let reader: any SessionReader
  private let paths: [(old: String, new: String)]
  private let nativeFormat: String
  /// How many paths were replaced in entries.
  private(set) var count = 0

  init(
    _ reader: any SessionReader, paths: [(old: String, new: String)], nativeFormat: String
  ) {
    self.reader = reader
    self.paths = paths.sorted { $0.old.utf8.count > $1.old.utf8.count }
    self.nativeFormat = nativeFormat
    var head = reader.head
    head.workspace = Self.map(head.workspace, self.paths) ?? head.workspace
    self.head = head
  }

  var findings: [Finding] { reader.findings }

  func next() throws(FormatError) -> Entry? {
    guard var entry = try reader.next() else { return nil }
    if case .headChange(var head) = entry.content, let mapped = Self.map(head.workspace, paths) {
      head.workspace = mapped
      entry.content = .headChange(head)
      // The record in its own format says the old path, so it cannot be written as it is.
      if entry.origin?.format == nativeFormat { entry.origin = nil }
      count += 1
    }
    return entry
  }

  func carry() throws(FormatError) -> CarryCursor? { try reader.carry() }

  /// The path with the longest matching prefix replaced; nil when none matches.
  private static func map(_ path: String?, _ paths: [(old: String, new: String)]) -> String? {
    guard let path else { return nil }
    for (old, new) in paths
    where path == old || path.hasPrefix(old.hasSuffix("/") ? old : old + "/") {
      return new + path.dropFirst(old.count)
    }
    return nil
  }
}
