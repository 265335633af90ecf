internal import JSONText
internal import SessionModel

/// One marker with the text that it owns.
struct ChatElement {
  /// The kind of marker; nil for text that no marker introduces.
  var kind: ChatMarker.Kind?
  /// The marker's object; nil when it is broken.
  var value: JSONValue?
  /// The text; nil where there is none, as when a fence is missing.
  var body: [UInt8]?
  /// Where the marker stands.
  var place: Place
}

/// Everything of one entry: its bytes and its elements.
struct ChatRecord {
  /// The lines, byte for byte.
  var bytes: ArraySlice<UInt8>
  /// The elements; the first says what the record is.
  var elements: [ChatElement]
  /// The length of the first line, where it was too long to be read.
  var longLine: Int?
  /// Where the record starts.
  var place: Place { elements[0].place }
}

extension ChatElement {
  /// How the text of an element stands behind its marker.
  enum Form {
    case plain, fenced, none
  }

  /// The form that a marker announces.
  static func form(_ kind: ChatMarker.Kind, _ value: JSONValue?) -> Form {
    guard let value else { return .plain }
    switch kind {
    case .block:
      if value["parts"] != nil || value["arguments"]?.isNull == true { return .none }
      switch value["type"]?.string?.string {
      case "thinking", "tool_call", "tool_result", "opaque": return .fenced
      case "text": return value["fenced"]?.bool == true ? .fenced : .plain
      default: return value["fenced"]?.bool == true || value["enc"] != nil ? .fenced : .plain
      }
    case .raw:
      return value["x"] != nil || value["carry"] != nil || value["chunk"] != nil ? .none : .fenced
    case .message, .event, .checkpoint, .branch, .end: return .none
    }
  }

  /// Whether the element is a part of the element before it.
  var partName: String? { kind == .raw ? value?["part"]?.string?.string : nil }

  /// How deep in tool results a block stands.
  var depth: Int64 { value?["in"]?.int64 ?? 0 }

  /// Whether this is what a conversion noted about itself.
  var isCarry: Bool { kind == .raw && (value?["carry"] != nil || value?["chunk"] != nil) }
}
