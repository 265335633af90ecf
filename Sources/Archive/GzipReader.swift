internal import CZlib
internal import FileIO

/// Reads the members of a gzip file as one stream of bytes, each checked by its sum and length.
final class GzipReader {
  private static let inputSize = 256 << 10
  private static let outputSize = 256 << 10

  private let file: RandomAccessFile
  private let end: UInt64
  private var fileOffset: UInt64
  private var input: [UInt8] = []
  private var inputPosition = 0
  private var isInMember = false
  private var isAtEnd = false
  /// zlib keeps the address of its state, so that must not move.
  private let state: ZlibState
  private(set) var warnings: [String] = []
  /// Where the last whole member ends, or reading began.
  private(set) var memberEnd: UInt64

  init(_ file: RandomAccessFile, range: Range<UInt64>) throws(ArchiveError) {
    self.file = file
    fileOffset = range.lowerBound
    memberEnd = range.lowerBound
    end = range.upperBound
    state = try ZlibState()
  }

  /// The number of bytes of the file that were used.
  var offset: UInt64 { fileOffset - UInt64(input.count - inputPosition) }

  private func fill() throws(ArchiveError) -> Bool {
    if inputPosition < input.count { return true }
    let wanted = Int(min(UInt64(Self.inputSize), end - min(fileOffset, end)))
    do throws(FileError) {
      input = try file.read(at: fileOffset, count: wanted)
    } catch {
      throw ArchiveError(error)
    }
    inputPosition = 0
    fileOffset += UInt64(input.count)
    return !input.isEmpty
  }

  /// Whether something else than a member follows the last one.
  var isPastMembers: Bool { isAtEnd }

  func next() throws(ArchiveError) -> ArraySlice<UInt8>? {
    while !isAtEnd {
      if !isInMember {
        guard try beginMember() else {
          isAtEnd = true
          return nil
        }
      }
      guard try fill() else {
        throw ArchiveError(.truncated, "the compressed data ends early", offset: offset)
      }
      let step = state.inflate(input, from: inputPosition, outputSize: Self.outputSize)
      inputPosition += step.consumed
      switch step.status {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END:
        isInMember = false
        memberEnd = offset
      default:
        throw ArchiveError(
          .damaged, "the compressed data is damaged (\(state.message))", offset: offset)
      }
      if step.consumed == 0, step.output.isEmpty, step.status != Z_STREAM_END {
        throw ArchiveError(.damaged, "the compressed data makes no progress", offset: offset)
      }
      if !step.output.isEmpty { return step.output[...] }
    }
    return nil
  }

  /// Whether another member follows; what is not one is reported, zeros are padding.
  private func beginMember() throws(ArchiveError) -> Bool {
    guard try fill() else { return false }
    let first = input[inputPosition]
    let second: UInt8?
    if inputPosition + 1 < input.count {
      second = input[inputPosition + 1]
    } else {
      do throws(FileError) {
        second = fileOffset < end ? try file.read(at: fileOffset, count: 1).first : nil
      } catch {
        throw ArchiveError(error)
      }
    }
    if first == 0x1F, second == 0x8B {
      state.reset()
      isInMember = true
      return true
    }
    let start = offset
    var isPadding = true
    var hasMore = true
    while isPadding, hasMore {
      if input[inputPosition...].contains(where: { $0 != 0 }) { isPadding = false }
      inputPosition = input.count
      hasMore = try fill()
    }
    if !isPadding {
      warnings.append("the file goes on at byte \(start) with something else, which is ignored")
    }
    return false
  }
}

/// zlib's decompressor, set to gzip.
@safe private final class ZlibState {
  private let stream: UnsafeMutablePointer<z_stream>

  init() throws(ArchiveError) {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // The largest window, and 16 to read gzip and nothing else.
    let result = unsafe inflateInit2_(
      stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard result == Z_OK else {
      throw ArchiveError(.limit, "there is no memory to decompress with")
    }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deinitialize(count: 1)
    unsafe stream.deallocate()
  }

  func reset() { unsafe inflateReset(stream) }

  var message: String {
    unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "no reason given"
  }

  func inflate(_ input: [UInt8], from position: Int, outputSize: Int)
    -> (status: Int32, consumed: Int, output: [UInt8])
  {
    var status = Z_OK
    var consumed = 0
    let output = unsafe [UInt8](unsafeUninitializedCapacity: outputSize) { target, count in
      unsafe input.withUnsafeBufferPointer { source in
        let available = UInt32(source.count - position)
        unsafe stream.pointee.next_in = UnsafeMutablePointer(
          mutating: source.baseAddress.map { unsafe $0 + position })
        unsafe stream.pointee.avail_in = available
        unsafe stream.pointee.next_out = target.baseAddress
        unsafe stream.pointee.avail_out = UInt32(outputSize)
        status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
        consumed = unsafe Int(available - stream.pointee.avail_in)
        count = unsafe outputSize - Int(stream.pointee.avail_out)
        unsafe stream.pointee.next_in = nil
        unsafe stream.pointee.next_out = nil
      }
    }
    return (status, consumed, output)
  }
}
