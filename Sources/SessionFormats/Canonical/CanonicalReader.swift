internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads one session of a canonical file.
final class CanonicalReader: SessionReader {
  let head: SessionHead
  private var log = FindingLog(Canonical.id)
  private let segment: CanonicalSource.Segment
  private let options: ReadOptions
  private var lines: LineReader
  private var isAtEnd = false
  private var isFirst = true

  /// - Parameter lines: The lines from the segment's first on, when they are at hand.
  init(
    segment: CanonicalSource.Segment, lines: consuming LineReader? = nil, options: ReadOptions
  ) throws(FormatError) {
    self.segment = segment
    self.options = options
    var head = segment.head
    head.messageCount = segment.messageCount
    self.head = head
    if let lines = lines.take() {
      self.lines = lines
      return
    }
    do throws(FileError) {
      self.lines = try LineReader(
        path: segment.path, maximumLineLength: options.maximumRecordLength,
        startingAt: segment.start, lineNumber: segment.firstLine)
    } catch {
      throw FormatError(reading: error)
    }
  }

  func next() throws(FormatError) -> Entry? {
    while !isAtEnd {
      let next: SharedLine?
      do throws(FileError) {
        next = try lines.nextShared(keepingLineFeed: true, passingOver: { _ in })
      } catch {
        throw FormatError(reading: error)
      }
      guard let line = next, line.offset < segment.end else {
        isAtEnd = true
        break
      }
      // Returned as it is: taking it out first would copy it.
      let found = self.entry(for: line)
      if case .some = found { return found }
    }
    return nil
  }

  private func entry(for line: SharedLine) -> Entry? {
    let place = Place.line(path: segment.path, line: line.number, byte: line.offset)
    let origin = Origin(format: Canonical.id, bytes: line.bytes)
    var limits = JSONLimits.go
    limits.maximumDepth = options.maximumDepth
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSONDocument(line.storage, in: line.range, limits: limits)
    } catch {
      let isBlank = line.bytes.allSatisfy { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
      return kept(
        line, origin, isBlank ? nil : error.description, type: nil,
        at: .line(
          path: segment.path, line: line.number, byte: line.offset + UInt64(error.offset)))
    }
    if isFirst {
      isFirst = false
      return Entry(.headChange(segment.firstHead), origin: origin, place: place)
    }
    if let (content, isEffective) = CanonicalJSON.content(from: document.root) {
      return Entry(content, isEffective: isEffective, origin: origin, place: place)
    }
    let kind = document.root["record"]?.string?.string
    if kind == "carry" { return nil }
    return kept(
      line, origin, kind == nil ? "the record has no kind" : nil, type: kind, at: place)
  }

  var findings: [Finding] { segment.leftOut.findings + log.findings }

  private func kept(
    _ line: SharedLine, _ origin: Origin, _ damage: String?, type: String?, at place: Place
  ) -> Entry {
    if let damage {
      log.add(
        "record-decodes", .error, place, "the line is not a canonical record (\(damage))")
    }
    return Entry(
      .opaque(
        OpaqueRecord(format: Canonical.id, type: type, damage: damage, bytes: line.bytes)),
      isEffective: false, origin: origin, place: place)
  }

  func carry() throws(FormatError) -> CarryCursor? {
    guard !segment.carry.isEmpty else { return nil }
    let file: RandomAccessFile
    do throws(FileError) {
      file = try RandomAccessFile(path: segment.path)
    } catch {
      throw FormatError(reading: error)
    }
    let (path, longest) = (segment.path, options.maximumCarryLength)
    func record(_ place: (offset: UInt64, count: Int)) throws(FormatError) -> JSONValue? {
      guard place.count - 1 <= longest else {
        throw .tooLong(
          "what a conversion stored for the way back (at byte \(place.offset))", place.count,
          at: .file(path: path))
      }
      do throws(FileError) {
        let bytes = try file.read(at: place.offset, count: place.count)
        return (JSONDocument(ifValid: bytes, limits: .go))?.root
      } catch {
        throw FormatError(reading: error)
      }
    }
    let header = try StoredCarryHeader(lastOf: segment.carry) { (place) throws(FormatError) in
      try record(place)?["header"].map { StoredCarryHeader($0) }
    }
    var remaining = segment.carry[...]
    return CarryCursor(header: header) { () throws(FormatError) -> [UInt8]? in
      while let place = remaining.popFirst() {
        guard let value = try record(place) else { return Array("broken".utf8) }
        if let chunk = value["chunk"] { return Array(chunk.raw) }
      }
      return nil
    }
  }
}
