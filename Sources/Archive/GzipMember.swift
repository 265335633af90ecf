internal import CDeflate
internal import FileIO

/// Whole gzip members: made from bytes in memory, and unpacked again.
///
/// The header is always the same ten bytes: no name, no time, no system.
public enum GzipMember {
  /// The header's bytes; 2 says that compression was thorough, 255 that the system is unknown.
  public static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255]

  /// Content per byte above which a part is stored, so that no reader takes the archive for a bomb.
  static let highestRatio = 128

  /// About as small as `gzip -6` makes it, in less than half of the time.
  public static let defaultLevel = 5

  /// Packs content into one member.
  ///
  /// - Returns: The member, or two where plain compression would pass ``highestRatio``.
  public static func pack(_ content: ArraySlice<UInt8>, level: Int = defaultLevel) -> [UInt8] {
    let packed = packOnce(content, level: level)
    guard content.count > 64 << 10, packed.count < content.count / highestRatio else {
      return packed
    }
    let cut = content.startIndex + content.count / 100
    return packOnce(content[..<cut], level: 0) + packOnce(content[cut...], level: level)
  }

  private static func packOnce(_ content: ArraySlice<UInt8>, level: Int) -> [UInt8] {
    header + Deflate.compress(content, level: level) + trailer(of: content)
  }

  private static func trailer(of content: ArraySlice<UInt8>) -> [UInt8] {
    let crc = unsafe content.withUnsafeBytes {
      unsafe libdeflate_crc32(0, $0.baseAddress, $0.count)
    }
    let size = UInt32(truncatingIfNeeded: content.count)
    return [crc, size].flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value >> (UInt32($0) * 8)) }
    }
  }

  /// Unpacks members that stand one after the other and give exactly `size` bytes; nil otherwise.
  ///
  /// - Precondition: `size` was checked: so much memory is taken.
  public static func unpack(_ packed: [UInt8], size: Int) -> [UInt8]? {
    guard let decompressor = unsafe libdeflate_alloc_decompressor() else { return nil }
    defer { unsafe libdeflate_free_decompressor(decompressor) }
    var isWhole = false
    let content = unsafe [UInt8](unsafeUninitializedCapacity: size) { target, filled in
      var start = 0
      while start < packed.count {
        var consumed = 0
        var produced = 0
        let result = unsafe packed.withUnsafeBytes { source in
          unsafe libdeflate_gzip_decompress_ex(
            decompressor, source.baseAddress.map { unsafe $0 + start }, source.count - start,
            target.baseAddress.map { unsafe $0 + filled }, size - filled, &consumed, &produced)
        }
        guard result == LIBDEFLATE_SUCCESS, consumed > 0 else { return }
        start += consumed
        filled += produced
      }
      isWhole = filled == size
    }
    return isWhole ? content : nil
  }
}
