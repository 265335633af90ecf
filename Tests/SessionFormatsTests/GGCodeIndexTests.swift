import FileIO
import SessionCoding
import SessionModel
import Testing

@testable import SessionFormats

@Suite struct GGCodeIndexTests {
  private static let folder =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Fixtures/ggcode"

  @Test func `The index says of a session that was written what reading its file says`() throws {
    var count = 0
    for fixture in try listDirectory(Self.folder).map(\.name).sorted() {
      let input = "\(Self.folder)/\(fixture)/input"
      guard let source = try? GGCode().open(input, options: ReadOptions()) else { continue }
      let scratch = try Scratch()
      let path = scratch.path + "/sessions"
      let target = try GGCode().target(at: path, options: WriteOptions(isDurable: false))
      for summary in try source.sessions() where GGCodeName.isFileName(summary.id) {
        let reader = try source.reader(for: summary.id)
        let writer = try target.writer(for: reader.head, id: summary.id)
        var messages = 0
        while let entry = try reader.next() {
          _ = try writer.write(entry)
          if case .message = entry.content { messages += 1 }
        }
        try writer.publish(header: nil)
        let file = "\(path)/\(summary.id).jsonl"
        var head = try GGCode().open(file, options: ReadOptions()).reader(for: summary.id).head
        head.messageCount = messages
        try target.publish()
        let layout = try #require(GGCodeLayout(profile: target.profile))
        let expected = GGCodeIndex.Entry(head: head, layout: layout)
        let entry = GGCodeIndex(path: path + "/index.json").entry(summary.id)
        #expect(
          entry?.title == expected.title && entry?.workspace == expected.workspace
            && entry?.vendor == expected.vendor && entry?.model == expected.model
            && entry?.endpoint == expected.endpoint && entry?.created == expected.created
            && entry?.updated == expected.updated
            && entry?.messageCount == expected.messageCount,
          "\(fixture): \(summary.id)")
        count += 1
      }
    }
    #expect(count > 50)
  }
}
