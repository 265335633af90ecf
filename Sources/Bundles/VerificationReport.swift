internal import Conversion
internal import JSONText
public import SessionCoding

/// What was found in a bundle.
public struct VerificationReport: Sendable {
  /// The bundle.
  public var bundle: String
  /// How much was checked.
  public var depth: Verification.Depth
  /// The bundle's identifier.
  public var identifier = ""
  /// What is wrong, or worth knowing.
  public var findings: [Finding] = []
  /// The number of files and of their bytes.
  public var files = 0
  /// The bytes of the files.
  public var bytes: UInt64 = 0
  /// The number of sessions, those included that are only referred to.
  public var sessions = 0

  /// The random part of the sessions that was restored, when only a part was.
  public var sample: (seed: UInt64, restored: Int, of: Int)?

  /// Whether nothing is wrong.
  public var isValid: Bool { !findings.contains { $0.severity == .error } }

  init(bundle: String, depth: Verification.Depth) {
    self.bundle = bundle
    self.depth = depth
  }

  /// The report as one JSON object.
  public var json: [UInt8] {
    var writer = JSONWriter(reserving: 1_024)
    writer.beginObject()
    writer.field("version", 1)
    writer.field("bundle", bundle)
    writer.field("mode", depth.rawValue)
    writer.field("identifier", identifier)
    writer.field("valid", isValid)
    writer.field("sessions", sessions)
    writer.field("files", files)
    writer.field("bytes", Int64(clamping: bytes))
    if let sample {
      writer.key("sample")
      writer.beginObject()
      writer.key("seed")
      writer.uint(sample.seed)
      writer.field("restored", sample.restored)
      writer.field("of", sample.of)
      writer.endObject()
    }
    writer.key("findings")
    writer.findings(findings)
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}
