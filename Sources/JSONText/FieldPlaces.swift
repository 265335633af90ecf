/// Where on the tape the value of each field is, 0 if there is none (0 is never a member's value).
///
/// The places are in the object itself: there are many objects, each with few fields.
struct FieldPlaces: Sendable {
  private typealias Quadruple = (UInt64, UInt64, UInt64, UInt64)

  /// How many fields an object can have.
  static let capacity = 32

  private var pairs: (Quadruple, Quadruple, Quadruple, Quadruple)

  /// No field has a value.
  init() {
    let none: Quadruple = (0, 0, 0, 0)
    pairs = (none, none, none, none)
  }

  /// The place of a field's value; 0 for a number that is none of a field.
  @inline(__always)
  subscript(_ field: Int) -> Int {
    guard field >= 0, field < Self.capacity else { return 0 }
    // A copy of these alone; else all that holds them would be copied.
    let pairs = pairs
    return unsafe withUnsafeBytes(of: pairs) { bytes in
      Int(unsafe bytes.load(fromByteOffset: field &* 4, as: UInt32.self))
    }
  }

  /// Lends the places of all fields.
  @inline(__always)
  mutating func withPlaces(_ body: (inout MutableSpan<UInt32>) -> Void) {
    unsafe withUnsafeMutableBytes(of: &pairs) { raw in
      let places = unsafe raw.bindMemory(to: UInt32.self)
      var span = unsafe places.mutableSpan
      body(&span)
    }
  }
}
