import FileIO
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct FileSystemTests {
  @Test func `times have texts, and files take them`() throws {
    let scratch = try Scratch()
    let path = scratch("file")
    try createFileIfAbsent(path)
    for (text, seconds, nanoseconds) in [
      ("0.000000000", 0, 0), ("1700000000.000000001", 1_700_000_000, 1),
      ("-1.500000000", -2, 500_000_000), ("-0.500000000", -1, 500_000_000),
      ("-3.000000000", -3, 0),
    ] as [(String, Int64, Int32)] {
      let time = FileStatus.Time(seconds: seconds, nanoseconds: nanoseconds)
      #expect(time.description == text)
      #expect(FileStatus.Time(text) == time)
      try setAttributes(of: path, permissions: 0o640, modified: time)
      #expect(try FileStatus(path: path)?.modified == time)
      #expect(try FileStatus(path: path)?.permissions == 0o640)
    }
    for text in ["", "1", "1.5", "x.000000000", "1.00000000x", "1.000000000.0"] {
      #expect(FileStatus.Time(text) == nil)
    }
  }

  @Test func `a symbolic link is reported as one`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("file", "12345")
    let link = scratch("link")
    #expect(unsafe symlink(path, link) == 0)
    #expect(try FileStatus(path: link, followingLinks: false)?.kind == .symbolicLink)
    #expect(try FileStatus(path: link) == FileStatus(path: path))
    #expect(try FileStatus(path: path)?.size == 5)
    try removeFile(path)
    #expect(try FileStatus(path: link) == nil)
    #expect(try FileStatus(path: link, followingLinks: false)?.kind == .symbolicLink)
  }

  @Test func `the listing is sorted by bytes and knows kinds and odd names`() throws {
    let scratch = try Scratch()
    for name in ["b", "B", "é", ".hidden", "a b"] { try scratch.write(name, "") }
    try createDirectory(scratch("directory"))
    #expect(unsafe symlink("nowhere", scratch("link")) == 0)
    let entries = try listDirectory(scratch.path)
    #expect(entries.map(\.name) == [".hidden", "B", "a b", "b", "directory", "link", "é"])
    #expect(
      entries.map(\.kind) == [.file, .file, .file, .file, .directory, .symbolicLink, .file])
    #expect(entries.allSatisfy { $0.isNameExact })
  }

  @Test func `a listing of a missing directory or of a file fails as such`() throws {
    let scratch = try Scratch()
    let missing = scratch("missing")
    let file = try scratch.write("file", "")
    #expect(#expect(throws: FileError.self) { try listDirectory(missing) }?.code == .notFound)
    #expect(#expect(throws: FileError.self) { try listDirectory(file) }?.code == .notDirectory)
  }

  @Test func `directories are created with those above them, twice without error`() throws {
    let scratch = try Scratch()
    let path = scratch("a/b/c")
    try createDirectory(path)
    try createDirectory(path)
    #expect(try FileStatus(path: scratch("a"))?.permissions == 0o700)
    let deep = scratch("x/y")
    let error = #expect(throws: FileError.self) {
      try createDirectory(deep, intermediates: false)
    }
    #expect(error?.code == .notFound)
    let file = try scratch.write("file", "")
    #expect(#expect(throws: FileError.self) { try createDirectory(file) }?.code == .exists)
    let below = file + "/below"
    #expect(#expect(throws: FileError.self) { try createDirectory(below) }?.code == .notDirectory)
  }

  @Test func `several tasks create directories below each other at once`() async throws {
    let scratch = try Scratch()
    for round in 0..<300 {
      let path = scratch("\(round)")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<4 { group.addTask { try createDirectory("\(path)/a/b/\(task % 2)") } }
        try await group.waitForAll()
      }
    }
  }

  @Test func `a directory is created though others remove the one above`() async throws {
    let scratch = try Scratch()
    let (above, path) = (scratch("above"), scratch("above/below"))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for _ in 0..<2_000 {
          try createDirectory(path)
          try removeEmptyDirectory(path)
        }
      }
      group.addTask { for _ in 0..<20_000 { try removeEmptyDirectory(above) } }
      try await group.waitForAll()
    }
    try createDirectory(path)
    #expect(try !removeEmptyDirectory(above))
    #expect(try removeEmptyDirectory(path))
    #expect(try !removeEmptyDirectory(path))
  }

  @Test func `removing says whether there was something`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("file", "")
    #expect(try removeFile(path))
    #expect(try !removeFile(path))
  }

  @Test func `random access gives what is there and no more`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("file", "0123456789")
    let file = try RandomAccessFile(path: path)
    #expect(file.size == 10)
    #expect(try file.read(at: 3, count: 4) == Array("3456".utf8))
    #expect(try file.read(at: 8, count: .max) == Array("89".utf8))
    #expect(try file.read(at: 10, count: 1) == [])
    #expect(try file.read(at: .max, count: .max) == [])
    #expect(try file.read(at: 0, count: -1) == [])
  }

  @Test func `a file over the limit is refused`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("file", "0123456789")
    #expect(try readFile(path, limit: 10).count == 10)
    #expect(
      throws: FileError(.fileTooLarge, path: path, operation: "reading", offset: 9)
    ) { try readFile(path, limit: 9) }
  }

  #if os(Linux)
    @Test func `a file without a size is read to its end`() throws {
      #expect(try FileStatus(path: "/proc/self/limits")?.size == 0)
      #expect(try readFile("/proc/self/limits").count > 100)
      let error = #expect(throws: FileError.self) { try readFile("/proc/self/limits", limit: 9) }
      #expect(error?.code == .fileTooLarge)
    }
  #endif

  @Test func `errors say what, where and what to do`() {
    #expect(
      FileError(.noSpace, path: "/a", errno: ENOSPC, operation: "writing").description
        == "No space left on device while writing /a; free space and run again")
    #expect(
      FileError(.lineTooLong, path: "/a", operation: "reading", line: 3, offset: 70).description
        == "Line too long while reading /a, line 3 (byte 70); raise --max-record")
  }
}
