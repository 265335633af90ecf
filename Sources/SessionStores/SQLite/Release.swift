internal import SessionFormats

/// The release of the tool whose behaviour a database has; its schema version decides.
public enum Release: Sendable, Hashable {
  /// Schema 7: the documented interface, observed with v0.0.80.
  case documented
  /// Schema 46: the current one, observed with v0.0.403.
  case current

  var shape: PartShape { self == .documented ? .seed : .head }
  var schema: TermLLMSchema { self == .documented ? .v7 : .v46 }
}
