internal import SessionCoding
internal import SessionModel

/// Reads one transcript, record after record.
final class MarkdownReader: SessionReader {
  let head: SessionHead
  private let scan: MarkdownScan
  private let options: ReadOptions
  private var parser: MarkdownParser
  private var messageCount = 0

  /// - Parameter id: The identifier that the session is opened with; nil for what the file says.
  init(scan: MarkdownScan, id: String? = nil, options: ReadOptions) throws(FormatError) {
    self.scan = scan
    self.options = options
    var head = scan.head
    head.id = id ?? head.id
    self.head = head
    parser = try MarkdownParser(
      path: scan.path, front: scan.front, carry: scan.carry, end: scan.end, options: options)
  }

  var findings: [Finding] { scan.findings }

  func next() throws(FormatError) -> Entry? {
    while let record = try parser.next() {
      if record.tooLong != nil { continue }
      let content: Entry.Content
      var isEffective = record.isEffective
      switch record.content {
      case .opening:
        content = .headChange(head)
        isEffective = true
      case .checkpoint(let checkpoint): content = .checkpoint(checkpoint)
      case .message(var message):
        if messageCount < scan.places.count, let place = scan.places[messageCount] {
          scan.facts.apply(place, to: &message)
        }
        messageCount += 1
        content = .message(message)
      }
      return Entry(
        content, isEffective: isEffective,
        origin: Origin(format: Markdown.id, bytes: record.bytes), place: record.place)
    }
    return nil
  }

  func carry() throws(FormatError) -> CarryCursor? {
    try scan.carry?.cursor(options.maximumCarryLength)
  }
}
