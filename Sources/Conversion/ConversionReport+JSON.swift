public import JSONText
public import SessionCoding
internal import SessionModel

extension ConversionReport {
  /// The version of the JSON layout of reports.
  public static let version = 1

  /// The report as one JSON object, documented in CONVERSIONS.md.
  public var json: [UInt8] {
    var writer = JSONWriter(reserving: 4_096)
    writer.beginObject()
    writer.field("version", Self.version)
    writer.field("from", from)
    writer.field("to", to)
    if isDryRun { writer.field("dry_run", true) }
    if !storeFindings.isEmpty {
      writer.key("findings")
      writer.findings(storeFindings)
    }
    if !omissions.isEmpty {
      writer.key("omitted")
      writer.omissions(omissions)
    }
    writer.key("sessions")
    writer.beginArray()
    for session in sessions { session.write(to: &writer) }
    writer.endArray()
    writer.key("totals")
    totals.write(to: &writer)
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}

extension SessionReport {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.field("source", source)
    writer.key("target")
    if let target { writer.string(target) } else { writer.null() }
    writer.field("status", status.rawValue)
    if isQuick { writer.field("unread", true) }
    if let reason { writer.field("reason", reason) }
    if let resume { writer.field("resume", resume) }
    if let fidelity { writer.field("fidelity", fidelity.rawValue) }
    writer.key("entries")
    entries.write(to: &writer)
    if mappedPaths > 0 { writer.field("mapped_paths", mappedPaths) }
    writer.key("losses")
    writer.beginArray()
    for loss in losses {
      writer.beginObject()
      writer.field("code", loss.code)
      writer.field("where", loss.place)
      writer.field("count", loss.count)
      writer.field("detail", loss.detail)
      writer.field("carried", loss.isCarried)
      writer.endObject()
    }
    writer.endArray()
    writer.key("findings")
    writer.findings(findings)
    writer.endObject()
  }
}

extension EntryCounts {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.beginObject()
    for (kind, count) in values {
      writer.key(JSONString(kind))
      writer.int(count)
    }
    writer.endObject()
  }
}

extension ConversionReport.Totals {
  fileprivate func write(to writer: inout JSONWriter) {
    func counts(_ name: StaticString, _ values: [(String, Int)]) {
      writer.key(name)
      writer.beginObject()
      for (key, count) in values {
        writer.key(JSONString(key))
        writer.int(count)
      }
      writer.endObject()
    }
    writer.beginObject()
    counts("sessions", sessions.map { ($0.status.rawValue, $0.count) })
    counts("fidelity", fidelities.map { ($0.fidelity.rawValue, $0.count) })
    writer.field("messages", entries.messages)
    writer.field("entries", entries.total)
    writer.key("bytes")
    writer.uint(bytes)
    writer.field("losses", losses)
    writer.field("carried", carried)
    counts("findings", findings.map { ($0.severity.rawValue, $0.count) })
    writer.endObject()
  }
}

extension JSONWriter {
  /// Appends what was left out as an array.
  public mutating func omissions(_ omissions: [Omission]) {
    beginArray()
    for omission in omissions {
      beginObject()
      field("format", omission.format)
      field("name", omission.name)
      field("count", omission.count)
      field("reason", "grants access")
      endObject()
    }
    endArray()
  }

  /// Appends findings as an array.
  public mutating func findings(_ findings: [Finding]) {
    beginArray()
    for finding in findings {
      beginObject()
      field("rule", finding.rule)
      field("severity", finding.severity.rawValue)
      key("where")
      if let place = finding.place { string(place.description) } else { null() }
      field("message", finding.message)
      if let repair = finding.repair { field("repair", repair) }
      endObject()
    }
    endArray()
  }
}
