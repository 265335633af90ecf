/// Why the tool drops a line: a known field has a wrong type.
package struct GGCodeDamage: Error {
  package var message: String
  /// The offset in the line.
  package var offset: Int
}
