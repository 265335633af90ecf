internal import SessionFormats

/// The release of the tool whose behaviour a database has; its schema version decides.
public enum Release: Sendable, Hashable {
  /// Schema 7: the documented interface, observed with v0.0.80.
  case documented
  /// Schema 46: the current one, observed with v0.0.403.
  case current

  var shape: PartShape { self == .documented ? .seed : .head }
  var schema: RowSchema { self == .documented ? .termLLM7 : .termLLM46 }
  var schemaVersion: Int64 { self == .documented ? 7 : 46 }
}
