import FileIO
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct FileLockTests {
  private func take(_ path: String) throws -> FileError.Code? {
    do {
      _ = try FileLock(path: path, blocking: false)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func `a lock excludes a second holder until it is released`() throws {
    let scratch = try Scratch()
    let path = scratch("lock")
    do {
      let lock = try FileLock(path: path, blocking: false)
      try lock.write("a longer text")
      try lock.writeProcessID()
      #expect(try take(path) == .locked)
      #expect(try text(path) == String(getpid()))
    }
    #expect(try take(path) == nil)
    #expect(try FileStatus(path: path) != nil)
  }

  @Test func `a lock that removes its file does so on release`() throws {
    let scratch = try Scratch()
    do {
      let lock = try FileLock(path: scratch("lock"), blocking: true, removingFile: true)
      #expect(try FileStatus(path: lock.path) != nil)
    }
    #expect(try scratch.names() == [])
  }

  @Test func `a lock excludes other processes`() async throws {
    let scratch = try Scratch()
    let path = scratch("lock")
    let lock = try FileLock(path: path, blocking: false)
    await #expect(processExitsWith: .exitCode(17)) { [path = path as String] in
      do throws(FileError) {
        _ = try FileLock(path: path, blocking: false)
        exit(0)
      } catch {
        exit(error.code == .locked ? 17 : 1)
      }
    }
    _ = lock.path
  }
}
