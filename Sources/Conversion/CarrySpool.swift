internal import FileIO
internal import SessionCoding
internal import Synchronization

/// Chunks of carry that are put aside until the entries of their session are all written.
///
/// They are in a file of its own, as they grow with the session; it goes when nobody needs it.
final class CarrySpool: Sendable {
  private let state: Mutex<State>

  private struct State: ~Copyable, Sendable {
    var output: AtomicOutput
    var counts: [Int] = []
  }

  /// Puts chunks aside beside a file.
  init(beside path: String) throws(FormatError) {
    do throws(FileError) {
      state = Mutex(State(output: try AtomicOutput(replacing: path + ".carry", isLasting: false)))
    } catch {
      throw FormatError(writing: error)
    }
  }

  func append(_ chunk: [UInt8]) throws(FormatError) {
    try state.withLock { (state) throws(FormatError) in
      do throws(FileError) {
        try state.output.write(chunk)
        state.counts.append(chunk.count)
      } catch {
        throw FormatError(writing: error)
      }
    }
  }

  /// Hands out the chunks in their order.
  func forEach(_ body: ([UInt8]) throws(FormatError) -> Void) throws(FormatError) {
    let (path, counts) = try state.withLock { (state) throws(FormatError) in
      do throws(FileError) {
        try state.output.flush()
      } catch {
        throw FormatError(writing: error)
      }
      return (state.output.temporaryPath, state.counts)
    }
    guard !counts.isEmpty else { return }
    let file: RandomAccessFile
    do throws(FileError) {
      file = try RandomAccessFile(path: path)
    } catch {
      throw FormatError(reading: error)
    }
    var offset: UInt64 = 0
    for count in counts {
      try body(try Self.read(file, at: offset, count: count))
      offset += UInt64(count)
    }
  }

  private static func read(
    _ file: borrowing RandomAccessFile, at offset: UInt64, count: Int
  ) throws(FormatError) -> [UInt8] {
    do throws(FileError) {
      let chunk = try file.read(at: offset, count: count)
      guard chunk.count == count else {
        throw FileError(.damaged, path: file.path, operation: "reading what was put aside")
      }
      return chunk
    } catch {
      throw FormatError(reading: error)
    }
  }
}
