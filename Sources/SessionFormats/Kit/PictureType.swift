/// The types of pictures that the services take.
enum PictureType: String {
  case jpeg = "image/jpeg"
  case png = "image/png"
  case gif = "image/gif"
  case webp = "image/webp"

  /// How the bytes of each type begin, and those of types that no service takes.
  private static let beginnings: [(bytes: [UInt8], type: PictureType?)] = [
    ([0xFF, 0xD8, 0xFF], .jpeg), ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .png),
    (Array("GIF87a".utf8), .gif), (Array("GIF89a".utf8), .gif), (Array("BM".utf8), nil),
    (Array("II*\0".utf8), nil), (Array("MM\0*".utf8), nil), ([0, 0, 1, 0], nil),
    (Array("<svg".utf8), nil), (Array("<?xml".utf8), nil), (Array("%PDF".utf8), nil),
  ]

  /// The type of a picture by its bytes; where they tell nothing, the one that is stated.
  ///
  /// - Returns: Nil for types that no service takes.
  init?(_ bytes: [UInt8], stated: String?) {
    if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) {
      self = .webp
    } else if let known = Self.beginnings.first(where: { bytes.starts(with: $0.bytes) }) {
      guard let type = known.type else { return nil }
      self = type
    } else {
      guard !bytes.isEmpty, let stated else { return nil }
      self.init(rawValue: stated)
    }
  }
}
