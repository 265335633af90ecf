import FileIO
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct StrayTests {
  /// A process number that nobody has: the highest ones are not given.
  private static let dead = Int32.max - 7

  @Test func `what dead processes left goes, what living ones write stays`() throws {
    let scratch = try Scratch()
    let names = [
      ".x.\(Self.dead)-1.carryover-tmp", ".y.tar.gz.\(Self.dead)-22.carryover-tmp",
      ".x.\(getpid())-99.carryover-tmp", ".x.1-1.carryover-tmp", ".x.carryover-tmp",
      ".\(Self.dead)-1.tmp", "x.\(Self.dead)-1.carryover-tmp", ".x.-5-1.carryover-tmp",
    ]
    let folder = scratch("target")
    try createDirectory(folder + "/.dir.\(Self.dead)-3.carryover-tmp/deeper")
    for name in names + [".dir.\(Self.dead)-3.carryover-tmp/deeper/file"] {
      try createFileIfAbsent(folder + "/" + name, Array("left".utf8))
    }
    // A process elsewhere has a number that means nothing here, and holds its file.
    let held = folder + "/.held.\(Self.dead)-1.carryover-tmp"
    try createFileIfAbsent(held, [])
    let lock = try FileLock(path: held, blocking: false)
    try AtomicOutput(replacing: folder + "/file").commit()
    #expect(
      Set(try listDirectory(folder).map(\.name))
        == Set(names[2...] + ["file", ".held.\(Self.dead)-1.carryover-tmp"]))
    _ = consume lock
  }

  @Test func `an output holds its file while it is written`() throws {
    let scratch = try Scratch()
    let output = try AtomicOutput(replacing: scratch("file"))
    let path = output.temporaryPath
    #expect(throws: FileError.self) { _ = try FileLock(path: path, blocking: false) }
    try output.commit()
    let staged = try StagedDirectory(nextTo: scratch("folder"))
    #expect(throws: FileError.self) { _ = try DirectoryLock(path: staged.path, blocking: false) }
    _ = consume staged
  }
}
