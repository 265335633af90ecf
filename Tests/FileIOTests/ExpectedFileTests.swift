import FileIO
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An output replaces what it was told to expect, and nothing else.
@Suite struct ExpectedFileTests {
  private func status(_ path: String) throws -> FileStatus? {
    try FileStatus(path: path, followingLinks: false)
  }

  /// Publishes a file in the place of what was seen there.
  private func publish(
    _ content: String, at path: String, expecting status: FileStatus?
  ) throws(FileError) {
    var output = try AtomicOutput(replacing: path, expecting: AtomicOutput.Expectation(status))
    try output.write(content)
    try output.commit(durable: false)
  }

  /// Why publishing was refused.
  private func refusal(
    _ content: String, at path: String, expecting status: FileStatus?
  ) -> FileError.Code? {
    do throws(FileError) {
      try publish(content, at: path, expecting: status)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func `a file that appeared meanwhile is not overwritten`() throws {
    let scratch = try Scratch()
    let path = scratch("file")
    let seen = try status(path)
    try scratch.write("file", "theirs\n")
    #expect(refusal("ours\n", at: path, expecting: seen) == .changed)
    #expect(try text(path) == "theirs\n")
    #expect(try scratch.names() == ["file"])
  }

  @Test(arguments: ["old\nmore\n", "new\n", ""])
  func `a file that was changed meanwhile is not overwritten`(_ theirs: String) throws {
    let scratch = try Scratch()
    let path = try scratch.write("file", "old\n")
    for ours in ["old\nours\n", "other\n"] {
      try scratch.write("file", "old\n")
      let seen = try status(path)
      try scratch.write("file", theirs)
      #expect(refusal(ours, at: path, expecting: seen) == .changed)
      #expect(try text(path) == theirs)
      #expect(try scratch.names() == ["file"])
    }
  }

  @Test func `what only continues a file is appended to it`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("file", "one\n")
    let before = try #require(try FileStatus(path: path))
    try publish("one\ntwo\nthree", at: path, expecting: try status(path))
    let after = try #require(try FileStatus(path: path))
    #expect(try text(path) == "one\ntwo\nthree")
    #expect(after.inode == before.inode)
    try publish("one\ntwo\nthree", at: path, expecting: try status(path))
    #expect(try text(path) == "one\ntwo\nthree")
    #expect(try scratch.names() == ["file"])
  }

  @Test func `a long continuation arrives whole`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("file", "start\n")
    let line = String(repeating: "x", count: 3_000_000) + "\n"
    let whole = "start\n" + line + String(repeating: "short\n", count: 400_000) + line + "end"
    try publish(whole, at: path, expecting: try status(path))
    #expect(try text(path) == whole)
  }

  @Test func `what is changed in the middle keeps the permissions of the file`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("file", "old\n")
    #expect(unsafe chmod(path, 0o644) == 0)
    try publish("new\n", at: path, expecting: try status(path))
    #expect(try text(path) == "new\n")
    #expect(try FileStatus(path: path)?.permissions == 0o644)
    #expect(try scratch.names() == ["file"])
  }

  #if canImport(Glibc)
    @Test func `a file that a program keeps open for writing is not replaced`() throws {
      let scratch = try Scratch()
      let path = try scratch.write("file", "old\n")
      let descriptor = unsafe open(path, O_WRONLY | O_APPEND)
      defer { close(descriptor) }
      #expect(refusal("new\n", at: path, expecting: try status(path)) == .inUse)
      #expect(try text(path) == "old\n")
      // Appending disturbs nobody.
      try publish("old\nnew\n", at: path, expecting: try status(path))
      #expect(try text(path) == "old\nnew\n")
      #expect(try scratch.names() == ["file"])
    }
  #endif

  /// Another thread appends to the file all the time, opening it anew for each line.
  @Test(arguments: [true, false])
  func `no line of another writer is lost`(isContinuation: Bool) async throws {
    let scratch = try Scratch()
    let path = try scratch.write("file", "start\n")
    let lines = 3_000
    let writer = Task.detached {
      for number in 0..<lines { try appendToFile(path, Array("theirs \(number)\n".utf8)) }
    }
    var published = 0
    while published < 200, try !hasLine("theirs \(lines - 1)", path) {
      let seen = try status(path)
      let present = try text(path)
      guard seen?.size == UInt64(present.utf8.count) else { continue }
      let content = isContinuation ? present + "ours\n" : "ours\n" + present
      switch refusal(content, at: path, expecting: seen) {
      case nil: published += 1
      case .changed, .inUse: break
      case let code?: Issue.record("\(code)")
      }
    }
    try await writer.value
    let found = try text(path).split(separator: "\n").filter { $0.hasPrefix("theirs ") }
    #expect(published > 0)
    #expect(found.count == lines)
    // A line that went to the file that was just replaced is moved over, perhaps after the next one.
    #expect(Set(found.map { String($0) }) == Set((0..<lines).map { "theirs \($0)" }))
    #expect(try scratch.names() == ["file"])
  }

  private func hasLine(_ line: String, _ path: String) throws -> Bool {
    try text(path).contains(line + "\n")
  }
}
