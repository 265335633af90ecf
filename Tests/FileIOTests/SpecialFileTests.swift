import FileIO
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Whatever opens files takes regular ones only, and never waits for what else lies there.
@Suite struct SpecialFileTests {
  /// Each way to open a file.
  enum Way: String, CaseIterable {
    case lines, sharedLines, whole, randomAccess, fingerprint, append, lock

    func open(_ path: String) throws(FileError) {
      switch self {
      case .lines: _ = try LineReader(path: path)
      case .sharedLines: _ = try SharedLineReader(path: path)
      case .whole: _ = try readFile(path)
      case .randomAccess: _ = try RandomAccessFile(path: path)
      case .fingerprint: _ = try FileIO.fingerprint(ofFile: path)
      case .append: try appendToFile(path, [0x0A])
      case .lock: _ = try FileLock(path: path, blocking: false)
      }
    }
  }

  @Test(arguments: Way.allCases)
  func `a named pipe is refused, also through a link`(_ way: Way) throws {
    let scratch = try Scratch()
    let pipe = scratch("pipe")
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    #expect(unsafe symlink(pipe, scratch("link")) == 0)
    #expect(try FileStatus(path: pipe)?.kind == .pipe)
    for path in way == .lock ? [pipe] : [pipe, scratch("link")] {
      let error = #expect(throws: FileError.self) { try way.open(path) }
      #expect(error?.code == .notRegularFile && error?.kind == .pipe && error?.path == path)
    }
  }

  @Test(arguments: Way.allCases)
  func `a socket is refused`(_ way: Way) throws {
    let scratch = try Scratch()
    let path = try scratch.socket("s")
    let error = #expect(throws: FileError.self) { try way.open(path) }
    #expect(error?.code == .notRegularFile && error?.kind == .socket)
  }

  @Test(arguments: Way.allCases)
  func `a device is refused`(_ way: Way) throws {
    let error = #expect(throws: FileError.self) { try way.open("/dev/null") }
    #expect(error?.code == .notRegularFile && error?.kind == .device)
  }

  @Test func `whoever waits at the other end of a pipe is not woken up`() throws {
    let scratch = try Scratch()
    let pipe = scratch("pipe")
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    for way in Way.allCases { #expect(throws: FileError.self) { try way.open(pipe) } }
    // Nobody has it open, so a writer that does not wait is told so.
    #expect(unsafe open(pipe, O_WRONLY | O_NONBLOCK) == -1 && errno == ENXIO)
  }

  @Test func `no pipe is replaced by a file`() throws {
    let scratch = try Scratch()
    let pipe = scratch("pipe")
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    let error = #expect(throws: FileError.self) { _ = try AtomicOutput(replacing: pipe) }
    #expect(error?.code == .notRegularFile)
    #expect(try FileStatus(path: pipe)?.kind == .pipe)
  }

  @Test func `a listing tells what else lies there`() throws {
    let scratch = try Scratch()
    #expect(unsafe mkfifo(scratch("pipe"), 0o600) == 0)
    _ = try scratch.socket("socket")
    #expect(try listDirectory(scratch.path).map(\.kind) == [.pipe, .socket])
  }

  @Test func `the error says what it is`() {
    #expect(
      FileError(.notRegularFile, path: "/a", operation: "opening", kind: .pipe).description
        == "Is a named pipe and no regular file while opening /a; name a regular file")
  }
}

extension Scratch {
  /// A socket that nobody listens at.
  fileprivate func socket(_ name: String) throws -> String {
    #if canImport(Glibc)
      let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let descriptor = Darwin.socket(AF_UNIX, SOCK_STREAM, 0)
    #endif
    defer { close(descriptor) }
    let path = self(name)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in
      for (index, byte) in bytes.prefix(place.count - 1).enumerated() { unsafe place[index] = byte }
    }
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0)
    return path
  }
}
