#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Memory that is read into and searched, grown without copying where the system can.
@safe struct ByteBuffer: ~Copyable, Sendable {
  // Owned by this one value, which cannot be copied: sending it hands the memory over.
  nonisolated(unsafe) private var start: UnsafeMutablePointer<UInt8>?
  private(set) var capacity = 0

  init() {
    unsafe start = nil
  }

  deinit {
    unsafe free(start)
  }

  /// Changes the capacity and keeps the content; false if there is no memory.
  mutating func resize(to newCapacity: Int) -> Bool {
    guard newCapacity > 0, let memory = unsafe realloc(start, newCapacity) else { return false }
    unsafe start = memory.assumingMemoryBound(to: UInt8.self)
    capacity = newCapacity
    return true
  }

  /// Moves `range` to the front.
  mutating func moveToFront(_ range: Range<Int>) {
    guard range.lowerBound >= 0, range.upperBound <= capacity, let start = unsafe start else {
      return
    }
    unsafe memmove(start, start + range.lowerBound, range.count)
  }

  /// Reads from `file` to the place from `position` on; returns 0 at the end of the file.
  mutating func fill(from position: Int, reading file: borrowing FileDescriptor)
    throws(FileError) -> Int
  {
    guard let start = unsafe start, position >= 0, position < capacity else { return 0 }
    return try unsafe file.read(
      into: UnsafeMutableRawBufferPointer(start: start + position, count: capacity - position))
  }

  /// The first line feed in `range`.
  func firstLineFeed(in range: Range<Int>) -> Int? {
    withSpan(range) { $0.firstLineFeed(in: $0.indices) }.map { $0 + range.lowerBound }
  }

  /// A copy of `range`.
  func copy(_ range: Range<Int>) -> [UInt8] {
    unsafe [UInt8](unsafeView(range))
  }

  /// Calls `body` with a view of `range` that is valid during the call only.
  func withSpan<Result, Failure: Error>(
    _ range: Range<Int>, _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(unsafeView(range).span)
  }

  private func unsafeView(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    guard range.lowerBound >= 0, range.upperBound <= capacity, let start = unsafe start else {
      return unsafe UnsafeBufferPointer(start: nil, count: 0)
    }
    return unsafe UnsafeBufferPointer(start: start + range.lowerBound, count: range.count)
  }
}

extension Span<UInt8> {
  /// The first line feed in `range`.
  func firstLineFeed(in range: Range<Int>) -> Int? {
    unsafe extracting(range).withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress, let found = unsafe memchr(start, 0x0A, bytes.count)
      else { return nil }
      return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(start) + range.lowerBound
    }
  }
}
