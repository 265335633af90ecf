import FileIO
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct StagedDirectoryTests {
  private func fill(_ path: String, _ content: String) throws {
    var output = try AtomicOutput(replacing: path)
    try output.write(content)
    try output.commit(durable: false)
  }

  @Test func `a dropped directory goes with its content, but not with what links point to`() throws
  {
    let scratch = try Scratch()
    let kept = scratch("kept")
    try createDirectory(kept)
    try scratch.write("kept/file", "stays")
    do {
      let staged = try StagedDirectory(nextTo: scratch("target"))
      try createDirectory(staged.path(of: "a/b/c"))
      try fill(staged.path(of: "a/b/file"), "x")
      #expect(unsafe symlink(kept, staged.path(of: "link")) == 0)
      #expect(try scratch.names().count == 2)
    }
    #expect(try scratch.names() == ["kept"])
    #expect(try text(scratch("kept/file")) == "stays")
  }

  @Test func `publishing one file, and the directory as a whole`() throws {
    let scratch = try Scratch()
    let staged = try StagedDirectory(nextTo: scratch("target"))
    try fill(staged.path(of: "one"), "1")
    try fill(staged.path(of: "two"), "2")
    try scratch.write("taken", "old")
    let error = #expect(throws: FileError.self) {
      try staged.publishFile("one", at: scratch("taken"), replacing: false)
    }
    #expect(error?.code == .exists)
    #expect(try text(scratch("taken")) == "old")
    try staged.publishFile("one", at: scratch("taken"), replacing: true)
    #expect(try text(scratch("taken")) == "1")
    try staged.commit()
    #expect(try scratch.names() == ["taken", "target"])
    #expect(try listDirectory(scratch("target")).map(\.name) == ["two"])
  }

  @Test func `a target with content is not replaced`() throws {
    let scratch = try Scratch()
    try createDirectory(scratch("target"))
    try scratch.write("target/file", "old")
    let staged = try StagedDirectory(nextTo: scratch("target"))
    do {
      try staged.commit()
      Issue.record("a directory with content was replaced")
    } catch {
      #expect(error.code == .exists)
    }
    #expect(try scratch.names() == ["target"])
    #expect(try text(scratch("target/file")) == "old")
  }
}
