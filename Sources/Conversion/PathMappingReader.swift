internal import SessionCoding
internal import SessionModel

/// Replaces beginnings of folders in heads and records; texts of messages stay as they are.
final class PathMappingReader: LeavingReader {
  let head: SessionHead
  private let reader: any SessionReader
  private let map: PathMap
  /// The format to write, whose own records go through as they are but for their paths.
  private let native: any SessionFormat
  private var entryCount = 0
  private var isHeadMapped = false

  init(
    _ reader: any SessionReader, paths: [(old: String, new: String)],
    to native: any SessionFormat
  ) {
    self.reader = reader
    let map = PathMap(paths)
    self.map = map
    self.native = native
    var head = reader.head
    if let mapped = head.workspace.flatMap({ map($0) }) {
      head.workspace = mapped
      isHeadMapped = true
    }
    self.head = head
  }

  var findings: [Finding] { reader.findings }

  /// How many paths were replaced; the head's counts when no record states it.
  var count: Int { entryCount == 0 && isHeadMapped ? 1 : entryCount }

  func next() throws(FormatError) -> Entry? {
    guard var entry = try reader.next() else { return nil }
    var isNative = false
    if let origin = entry.origin, origin.format == native.info.id,
      let mapped = native.mappingPaths(of: origin.bytes, map)
    {
      isNative = true
      entryCount += mapped.count
      if mapped.count > 0 {
        entry.origin = Origin(format: origin.format, bytes: mapped.bytes[...])
      }
    }
    if case .headChange(var head) = entry.content, let mapped = head.workspace.flatMap({ map($0) })
    {
      head.workspace = mapped
      entry.content = .headChange(head)
      if !isNative {
        // The record in its own format says the old path, so it cannot be written as it is.
        if entry.origin?.format == native.info.id { entry.origin = nil }
        entryCount += 1
      }
    }
    return entry
  }

  func takeLeftBehind() -> [ArraySlice<UInt8>] {
    (reader as? any LeavingReader)?.takeLeftBehind() ?? []
  }

  func carry() throws(FormatError) -> CarryCursor? { try reader.carry() }
}
