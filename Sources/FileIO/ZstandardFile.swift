#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Unpacks Zstandard files (RFC 8878) with the system's libzstd, when there is one.
///
/// The library is looked for when it is needed, so that programs run where it is not installed.
public enum ZstandardFile {
  /// The size of the pieces in which a file is unpacked.
  private static let pieceSize = 256 << 10

  /// Unpacks a file into a new temporary one, which the caller removes.
  ///
  /// - Parameter maximumSize: The most bytes that are written; more is an error.
  /// - Returns: The path of the unpacked file.
  /// - Throws: `.noLibrary` where libzstd is not installed, `.fileTooLarge`, `.damaged` for content
  ///   that is no whole Zstandard frame, and what reading and writing report.
  public static func unpack(_ path: String, maximumSize: UInt64) throws(FileError) -> String {
    guard let library = Library() else {
      throw FileError(.noLibrary, path: path, operation: "unpacking")
    }
    guard let stream = Stream(library) else {
      throw FileError(.noResources, path: path, operation: "unpacking")
    }
    let source = try RandomAccessFile(path: path)
    let folder = environmentVariable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    let target = joinPath(folder, TemporaryFiles.makeName(for: "rollout"))
    var output = try AtomicOutput(replacing: target, permissions: 0o600)
    var offset: UInt64 = 0
    var isComplete = false
    while true {
      let piece = try source.read(at: offset, count: pieceSize)
      guard !piece.isEmpty else { break }
      offset += UInt64(piece.count)
      var used = 0
      while used < piece.count {
        guard let step = stream.step(piece, from: used) else {
          throw FileError(.damaged, path: path, operation: "unpacking")
        }
        guard output.bytesWritten + UInt64(step.output.count) <= maximumSize else {
          throw FileError(.fileTooLarge, path: path, operation: "unpacking")
        }
        try output.write(step.output)
        used += step.used
        isComplete = step.isComplete
        guard step.used > 0 || !step.output.isEmpty else {
          throw FileError(.damaged, path: path, operation: "unpacking")
        }
      }
      // What the last piece of input still holds back.
      while !isComplete, let step = stream.step([], from: 0), !step.output.isEmpty {
        guard output.bytesWritten + UInt64(step.output.count) <= maximumSize else {
          throw FileError(.fileTooLarge, path: path, operation: "unpacking")
        }
        try output.write(step.output)
        isComplete = step.isComplete
      }
    }
    guard isComplete else { throw FileError(.damaged, path: path, operation: "unpacking") }
    try output.commit(durable: false)
    return target
  }

  /// Whether libzstd can be used here.
  public static var isAvailable: Bool { Library() != nil }
}

/// `ZSTD_inBuffer` and `ZSTD_outBuffer`, which have the same layout.
@unsafe private struct ZstandardBuffer {
  var start: UnsafeMutableRawPointer?
  var size: Int
  var position: Int
}

/// The functions of libzstd's stable interface (zstd.h, version 1.0 and later).
@safe private struct Library {
  typealias Create = @convention(c) () -> OpaquePointer?
  typealias Free = @convention(c) (OpaquePointer?) -> Int
  typealias Decompress =
    @convention(c) (
      OpaquePointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?
    ) -> Int
  typealias IsError = @convention(c) (Int) -> UInt32

  let create: Create
  let free: Free
  let decompress: Decompress
  let isError: IsError

  private static let names = [
    "libzstd.so.1", "libzstd.so", "libzstd.1.dylib", "/opt/homebrew/lib/libzstd.1.dylib",
    "/usr/local/lib/libzstd.1.dylib",
  ]

  init?() {
    // The handle stays open: the functions are used for as long as the process lives.
    guard
      let handle = unsafe Self.names.lazy.compactMap({ unsafe dlopen($0, RTLD_NOW) }).first,
      let create = unsafe dlsym(handle, "ZSTD_createDStream"),
      let free = unsafe dlsym(handle, "ZSTD_freeDStream"),
      let decompress = unsafe dlsym(handle, "ZSTD_decompressStream"),
      let isError = unsafe dlsym(handle, "ZSTD_isError")
    else { return nil }
    unsafe self.create = unsafeBitCast(create, to: Create.self)
    unsafe self.free = unsafeBitCast(free, to: Free.self)
    unsafe self.decompress = unsafeBitCast(decompress, to: Decompress.self)
    unsafe self.isError = unsafeBitCast(isError, to: IsError.self)
  }
}

/// One file being unpacked.
@safe private final class Stream {
  private let library: Library
  private let stream: OpaquePointer
  private var room = [UInt8](repeating: 0, count: 256 << 10)

  init?(_ library: Library) {
    guard let stream = unsafe library.create() else { return nil }
    self.library = library
    unsafe self.stream = stream
  }

  deinit { _ = unsafe library.free(stream) }

  /// Unpacks some of the input; nil when it is damaged.
  func step(_ input: [UInt8], from start: Int)
    -> (used: Int, output: ArraySlice<UInt8>, isComplete: Bool)?
  {
    var used = 0
    var written = 0
    var result = 0
    let library = library
    let stream = unsafe stream
    unsafe input.withUnsafeBytes { source in
      unsafe room.withUnsafeMutableBytes { room in
        var inBuffer = unsafe ZstandardBuffer(
          start: UnsafeMutableRawPointer(mutating: source.baseAddress), size: source.count,
          position: start)
        var outBuffer = unsafe ZstandardBuffer(
          start: room.baseAddress, size: room.count, position: 0)
        unsafe withUnsafeMutableBytes(of: &inBuffer) { input in
          unsafe withUnsafeMutableBytes(of: &outBuffer) { output in
            result = unsafe library.decompress(stream, output.baseAddress, input.baseAddress)
          }
        }
        used = unsafe inBuffer.position - start
        written = unsafe outBuffer.position
      }
    }
    guard library.isError(result) == 0 else { return nil }
    return (used, room[..<written], result == 0)
  }
}
