/// The canonical model as JSON: one object per record, documented in CONVERSIONS.md and by a schema.
///
/// `{"record":"session",…}` opens a session; the other records are its timeline in order. Absent
/// members mean "not stated". Text is written as Go's `encoding/json` writes it without HTML
/// escaping, so that the text of most tools passes through without being decoded.
public enum CanonicalJSON {
  /// The identifier of the format that consists of these records.
  public static let format = "canonical"

  /// The version of the record layout.
  public static let version: Int64 = 1
}
