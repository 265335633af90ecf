import FileIO
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct AtomicOutputTests {
  @Test func `commit replaces the target and leaves nothing else`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("file", "old")
    var output = try AtomicOutput(replacing: path)
    try output.write("new ")
    try output.write(Array("content".utf8)[2...])
    #expect(try text(path) == "old")
    #expect(output.bytesWritten == 9)
    try output.commit()
    #expect(try text(path) == "new ntent")
    #expect(try scratch.names() == ["file"])
    #expect(try FileStatus(path: path)?.permissions == 0o600)
  }

  @Test func `an output that is dropped leaves the target and no temporary file`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("file", "old")
    do {
      var output = try AtomicOutput(replacing: path)
      try output.write("new")
      try output.flush()
      #expect(try text(output.temporaryPath) == "new")
      #expect(TemporaryFiles.isTemporaryName(try scratch.names()[0]))
    }
    #expect(try text(path) == "old")
    #expect(try scratch.names() == ["file"])
  }

  @Test func `large and small writes arrive in order`() throws {
    let seed = testSeed("AtomicOutput")
    var random = SeededGenerator(seed: seed)
    let scratch = try Scratch()
    var output = try AtomicOutput(replacing: scratch("file"))
    var expected: [UInt8] = []
    for _ in 0..<60 {
      let count = Int.random(in: 0...(1 << Int.random(in: 0...19, using: &random)), using: &random)
      let bytes = [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: count)
      try output.write(bytes)
      expected += bytes
    }
    #expect(output.bytesWritten == UInt64(expected.count))
    try output.commit(durable: false)
    #expect(try readFile(scratch("file")) == expected, "seed \(seed)")
  }

  @Test func `commitIfAbsent refuses to replace`() throws {
    let scratch = try Scratch()
    let path = scratch("file")
    var first = try AtomicOutput(replacing: path)
    var second = try AtomicOutput(replacing: path)
    try first.write("first")
    try second.write("second")
    try first.commitIfAbsent()
    let error = #expect(throws: FileError.self) {
      var third = try AtomicOutput(replacing: path)
      try third.write("third")
      try third.commitIfAbsent()
    }
    #expect(error?.code == .exists)
    do {
      try second.commitIfAbsent()
      Issue.record("the second output replaced the first")
    } catch {
      #expect(error.code == .exists)
    }
    #expect(try text(path) == "first")
    #expect(try scratch.names() == ["file"])
  }

  @Test func `a symbolic link or a directory is not replaced`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("file", "old")
    let link = scratch("link")
    #expect(unsafe symlink(path, link) == 0)
    let error = #expect(throws: FileError.self) { _ = try AtomicOutput(replacing: link) }
    #expect(error?.code == .isSymbolicLink)
    let folder = scratch("folder")
    try createDirectory(folder)
    let other = #expect(throws: FileError.self) { _ = try AtomicOutput(replacing: folder) }
    #expect(other?.code == .isDirectory)
    #expect(try scratch.names() == ["file", "folder", "link"])
  }

  @Test func `a temporary name that is taken is not overwritten`() throws {
    let scratch = try Scratch()
    let stray = try scratch.write("file.tmp", "stray")
    let path = scratch("file")
    let error = #expect(throws: FileError.self) {
      _ = try AtomicOutput(replacing: path, temporaryName: "file.tmp")
    }
    #expect(error?.code == .exists)
    #expect(try text(stray) == "stray")
  }

  @Test func `a failed write leaves the target as it was`() async {
    await #expect(processExitsWith: .success) {
      let scratch = try Scratch()
      let path = try scratch.write("file", "old")
      guard limitFileSize(to: 1 << 20) else { exit(2) }
      do throws(FileError) {
        var output = try AtomicOutput(replacing: path)
        do throws(FileError) {
          for _ in 0..<20 { try output.write([UInt8](repeating: 1, count: 100_000)) }
          exit(3)
        } catch {
          guard error.code == .fileTooLarge, error.path == path else { exit(4) }
        }
        // Space that comes back must not publish what has a hole or a repetition.
        guard limitFileSize(to: 1 << 30) else { exit(2) }
        try output.commit()
        exit(5)
      } catch {
        guard error.code == .fileTooLarge else { exit(6) }
      }
      guard try text(path) == "old", try scratch.names() == ["file"] else { exit(7) }
    }
  }

  @Test func `removeAll removes what is staged and refuses more`() async {
    await #expect(processExitsWith: .success) {
      let scratch = try Scratch()
      let path = try scratch.write("file", "old")
      var output = try AtomicOutput(replacing: path)
      try output.write("new")
      let staged = try StagedDirectory(nextTo: path)
      try createDirectory(staged.path(of: "a/b"))
      TemporaryFiles.removeAll()
      // The scratch directory itself is staged, so it goes too.
      guard try FileStatus(path: scratch.path) == nil else { exit(2) }
      do throws(FileError) {
        _ = try AtomicOutput(replacing: "/tmp/carryover-never-made")
        exit(3)
      } catch {
        guard error.code == .interrupted else { exit(4) }
      }
      let commitFails: Bool
      do throws(FileError) {
        try output.commit()
        commitFails = false
      } catch {
        commitFails = true
      }
      guard commitFails else { exit(5) }
    }
  }
}

/// Makes larger files fail as `EFBIG` in this process.
private func limitFileSize(to size: rlim_t) -> Bool {
  _ = signal(SIGXFSZ, SIG_IGN)
  var limit = rlimit(rlim_cur: size, rlim_max: 1 << 30)
  #if canImport(Glibc)
    return unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0
  #else
    return unsafe setrlimit(RLIMIT_FSIZE, &limit) == 0
  #endif
}
