internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads one transcript, record after record.
final class MarkdownReader: SessionReader {
  private(set) var head: SessionHead
  private let scan: MarkdownScan
  private let options: ReadOptions
  private let scanner: ChatScanner
  private var decoder: ChatDecoder
  private var opening: ChatRecord?

  /// - Parameter folder: Where media are, when that is not the file's own folder.
  init(scan: MarkdownScan, folder: String? = nil, options: ReadOptions) throws(FormatError) {
    self.scan = scan
    self.options = options
    scanner = try ChatScanner(
      path: scan.path, end: scan.end, endsWithCR: scan.endsWithCR, isEdited: scan.isEdited,
      options: options)
    decoder = ChatDecoder(folder: folder ?? MarkdownMedia.folder(of: scan.path))
    head = scan.head
    opening = try scanner.next()
    if let opening {
      // The end marker's extra stays last.
      let own = head.extras.filter { $0.key == "end" && $0.format == Markdown.id }
      head.extras.removeAll { $0.key == "end" && $0.format == Markdown.id }
      head.extras += decoder.extrasOfHead(in: opening) + own
    }
  }

  var findings: [Finding] {
    scan.findings + scanner.leftOut.findings + scanner.findings + decoder.findings
  }

  /// What was left out so far.
  var leftOut: LeftOutRecords { scanner.leftOut }

  func next() throws(FormatError) -> Entry? {
    if let record = opening {
      opening = nil
      if !record.bytes.isEmpty {
        return Entry(
          .headChange(head), origin: Origin(format: Markdown.id, bytes: record.bytes),
          place: record.place)
      }
    }
    while let record = try scanner.next() {
      if let entry = decoder.entry(of: record) { return entry }
    }
    return nil
  }

  func carry() throws(FormatError) -> CarryCursor? {
    try MarkdownCarry.cursor(path: scan.path, lines: scan.carryLines, options: options)
  }
}
