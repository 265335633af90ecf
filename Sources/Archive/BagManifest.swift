internal import FileIO

/// Digests by path: what `sha256sum` prints and checks.
public struct BagManifest: Sendable, Hashable {
  /// The digests, 64 lower-case hexadecimal digits each, by path from the bag's root.
  public var digests: [String: String] = [:]

  /// An empty manifest.
  public init() {}

  /// Reads a manifest.
  ///
  /// - Parameter problem: Called with what is wrong with a line, which is then left out.
  public init(_ bytes: [UInt8], problem: (_ line: Int, _ message: String) -> Void) {
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
      .enumerated()
    {
      if line.isEmpty { continue }
      let number = index + 1
      let text = line.last == 0x0D ? line.dropLast() : line
      guard let space = text.firstIndex(where: { $0 == 0x20 || $0 == 0x09 }) else {
        problem(number, "the line has no path")
        continue
      }
      let digest = String(decoding: text[..<space], as: UTF8.self).lowercased()
      guard digest.utf8.count == 64, digest.utf8.allSatisfy(Self.isHex) else {
        problem(number, "the line begins with no SHA-256")
        continue
      }
      var path = text[space...].drop { $0 == 0x20 || $0 == 0x09 }
      // `*` is how digest programs mark files read as binary.
      if path.first == UInt8(ascii: "*") { path = path.dropFirst() }
      guard let name = String(validating: path, as: UTF8.self), !name.isEmpty else {
        problem(number, "the line has no path")
        continue
      }
      if let known = digests.updateValue(digest, forKey: name), known != digest {
        problem(number, "the path has two digests")
      }
    }
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
  }

  /// The paths, in byte order.
  public var paths: [String] { digests.keys.sorted(by: Self.precedes) }

  /// The manifest's text, sorted by path.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digests.count * 160)
    for path in paths {
      bytes += Array((digests[path] ?? "").utf8)
      bytes += [0x20, 0x20]
      bytes += Array(path.utf8)
      bytes.append(0x0A)
    }
    return bytes
  }

  /// Byte order, which no locale changes.
  public static func precedes(_ a: String, _ b: String) -> Bool {
    bytesPrecede(a, b)
  }
}
