import JSONText
import SessionCoding
import SessionModel

/// Spells the rows that term-llm would write for single entries.
///
/// Identifiers, sequences and counters, which the store gives, are `null`: they are part of every
/// difference.
final class TermLLMRecordEncoder: RecordEncoder {
  private static let forms = [
    NativeRow.Form(isCurrent: true, shape: .head, hasEvents: true),
    NativeRow.Form(isCurrent: false, shape: .seed),
    NativeRow.Form(isCurrent: true, shape: .beforeDiffComments, hasEvents: true),
    NativeRow.Form(isCurrent: true, shape: .seed, hasEvents: true),
  ]
  private static let columns = [true: messageColumns(46), false: messageColumns(7)]
  private static let sessionColumns = [true: columns(46), false: columns(7)]

  var deltaStyle: RecordDelta.Style { .members }
  var variantCount: Int { Self.forms.count }

  func encode(
    _ entry: Entry, head: SessionHead, variant: Int, into bytes: inout [UInt8]
  ) throws(FormatError) {
    guard Self.forms.indices.contains(variant) else { return }
    let form = Self.forms[variant]
    switch entry.content {
    case .message(let message):
      let rows =
        message.flags.contains(.compactionSummary)
        ? NativeRow.summaryRows(message, form) : NativeRow.rows(for: message, form)
      append(rows, form, to: &bytes)
    case .checkpoint(let checkpoint):
      // All but the summary and its acknowledgement repeat earlier messages.
      let rows = NativeRow.rows(for: checkpoint.messages ?? [], form) {
        !NativeRow.isAcknowledgement($0)
      }
      append(rows, form, to: &bytes)
    case .headChange(let head): append(head, form, to: &bytes)
    case .opaque(let record): if record.format == TermLLM.id { bytes += record.bytes }
    case .usage, .metric, .event: break
    }
  }

  private func append(_ rows: [NativeRow], _ form: NativeRow.Form, to bytes: inout [UInt8]) {
    let names = Self.columns[form.isCurrent] ?? []
    for row in rows {
      var writer = JSONWriter(reserving: row.parts.count * 2 + 512)
      writer.beginObject()
      writer.key("table")
      writer.literal("messages")
      for name in names {
        writer.key(JSONString(name))
        if name == "parts" {
          writer.embedded(row.parts)
        } else {
          writer.value(row.value(name) ?? .null)
        }
      }
      writer.endObject()
      writer.newline()
      bytes += writer.bytes
    }
  }

  private func append(_ head: SessionHead, _ form: NativeRow.Form, to bytes: inout [UInt8]) {
    let names = Self.sessionColumns[form.isCurrent] ?? []
    let values = SessionColumns.values(of: head)
    var writer = JSONWriter(reserving: 2_048)
    writer.row(
      table: "sessions", columns: names,
      values: names.lazy.map { values[$0] ?? SessionColumns.defaultValue($0) })
    bytes += writer.bytes
  }

  /// Columns of `sessions` that came after schema 7.
  private static let lateSessionColumns: Set<String> = [
    "generated_short_title", "generated_long_title", "title_source", "title_generated_at",
    "title_basis_msg_seq", "title_skipped_at", "provider_key", "reasoning_effort",
    "reasoning_mode", "approval_mode", "origin", "worktree_dir", "last_user_message_at",
    "last_message_at", "pinned", "cache_write_tokens", "last_total_tokens",
    "last_message_count", "message_count", "goal", "share", "compaction_seq",
    "compaction_count", "transcript_rev",
  ]

  private static func columns(_ version: Int) -> [String] {
    TermLLMTable.sessions.columns.filter { version == 46 || !lateSessionColumns.contains($0) }
  }

  private static func messageColumns(_ version: Int) -> [String] {
    let seed: Set<String> = [
      "id", "sequence", "created_at", "duration_ms", "role", "parts", "text_content",
    ]
    return (TermLLMTable.messages.columns + TermLLMTable.messages.lastColumns).filter {
      version == 46 || seed.contains($0)
    }
  }
}
