internal import CDeflate

/// Compresses pieces of content as raw DEFLATE streams (RFC 1951).
public enum Deflate {
  /// The fastest level: on sessions, level 3 takes half as long again and gives a tenth less.
  public static let fastest = 1

  /// The most that a byte of a DEFLATE stream can stand for.
  private static let highestRatio = 1_032

  /// Compresses content; where there is no memory for that, the stream holds it as it is.
  public static func compress(_ content: ArraySlice<UInt8>, level: Int) -> [UInt8] {
    guard let compressor = unsafe libdeflate_alloc_compressor(Int32(level)) else {
      return stored(content)
    }
    defer { unsafe libdeflate_free_compressor(compressor) }
    let bound = unsafe libdeflate_deflate_compress_bound(compressor, content.count)
    let packed = unsafe [UInt8](unsafeUninitializedCapacity: bound) { target, count in
      count = unsafe content.withUnsafeBytes { source in
        unsafe libdeflate_deflate_compress(
          compressor, source.baseAddress, source.count, target.baseAddress, bound)
      }
    }
    return packed.isEmpty ? stored(content) : packed
  }

  private static func stored(_ content: ArraySlice<UInt8>) -> [UInt8] {
    var packed: [UInt8] = []
    var rest = content
    repeat {
      let piece = rest.prefix(65_535)
      rest = rest.dropFirst(piece.count)
      let count = UInt16(piece.count)
      packed.append(rest.isEmpty ? 1 : 0)
      for value in [count, ~count] { packed += [UInt8(value & 255), UInt8(value >> 8)] }
      packed += piece
    } while !rest.isEmpty
    return packed
  }

  /// Decompresses content of a known size; nil when it is something else.
  ///
  /// The size may come from a stranger: what such a stream cannot hold takes no memory.
  public static func decompress(_ packed: ArraySlice<UInt8>, size: Int) -> [UInt8]? {
    guard size >= 0, size / highestRatio <= packed.count,
      let decompressor = unsafe libdeflate_alloc_decompressor()
    else { return nil }
    defer { unsafe libdeflate_free_decompressor(decompressor) }
    var isWhole = false
    let content = unsafe [UInt8](unsafeUninitializedCapacity: size) { target, filled in
      var count = 0
      let result = unsafe packed.withUnsafeBytes { source in
        unsafe libdeflate_deflate_decompress(
          decompressor, source.baseAddress, source.count, target.baseAddress, size, &count)
      }
      isWhole = result == LIBDEFLATE_SUCCESS && count == size
      filled = isWhole ? size : 0
    }
    return isWhole ? content : nil
  }
}
