/// Go's decoding of several values one over the other into the same variable.
struct GoMerge {
  private enum Kind {
    case unset, scalar, object, array
  }

  private enum Work {
    case value([JSONValue])
    case byte(UInt8)
  }

  /// The variable after the values seen so far.
  private var kind = Kind.unset
  /// A scalar, or the objects whose members, one after the other, say what Go's object holds.
  private var parts: [JSONValue] = []
  /// What was decoded over each element.
  ///
  /// Elements after `count` were cut off by a shorter array, but Go decodes over them again when a
  /// later array is longer.
  private var elements: [[JSONValue]] = []
  private var count = 0

  /// The value Go would hold, nil for none.
  static func merge(_ values: [JSONValue], resetByNull: Bool) -> JSONValue? {
    let whole = GoMerge(values, resetByNull: resetByNull)
    switch whole.kind {
    case .unset: return nil
    case .scalar: return whole.parts.last
    case .object where whole.parts.count == 1: return whole.parts.last
    case .object, .array: break
    }
    var text: [UInt8] = []
    var work: [Work] = []
    whole.write(to: &text, rest: &work)
    while let next = work.popLast() {
      switch next {
      case .byte(let byte): text.append(byte)
      case .value(let layers) where layers.count == 1: text.append(contentsOf: layers[0].raw)
      case .value(let layers):
        GoMerge(layers, resetByNull: false).write(to: &text, rest: &work)
      }
    }
    let limits = JSONLimits(maximumDepth: .max)
    guard let document = JSONDocument(ifValid: text, limits: limits) else { return values.last }
    return document.root
  }

  private init(_ layers: [JSONValue], resetByNull: Bool) {
    for layer in layers {
      switch layer.kind {
      case .null:
        if resetByNull || kind == .array { reset(to: .unset) }
      case .object:
        if kind != .object { reset(to: .object) }
        parts.append(layer)
      case .array:
        if kind != .array { reset(to: .array) }
        decodeOver(layer.elements)
      default:
        reset(to: .scalar)
        parts.append(layer)
      }
    }
  }

  private mutating func reset(to newKind: Kind) {
    kind = newKind
    parts = []
    elements = []
    count = 0
  }

  private mutating func decodeOver(_ array: JSONElements) {
    count = 0
    for element in array {
      if count < elements.count {
        elements[count].append(element)
      } else {
        elements.append([element])
      }
      count += 1
    }
    // An empty array is a new one, with nothing after its end.
    if count == 0 { elements = [] }
  }

  private func write(to text: inout [UInt8], rest work: inout [Work]) {
    switch kind {
    case .unset:
      text.append(contentsOf: RawJSON.null.bytes)
    case .scalar:
      for value in parts { text.append(contentsOf: value.raw) }
    case .object:
      text.append(UInt8(ascii: "{"))
      var isFirst = true
      for part in parts where !part.members.isEmpty {
        if !isFirst { text.append(UInt8(ascii: ",")) }
        isFirst = false
        text.append(contentsOf: part.raw.dropFirst().dropLast())
      }
      text.append(UInt8(ascii: "}"))
    case .array:
      text.append(UInt8(ascii: "["))
      work.append(.byte(UInt8(ascii: "]")))
      for index in (0..<count).reversed() {
        work.append(.value(elements[index]))
        if index > 0 { work.append(.byte(UInt8(ascii: ","))) }
      }
    }
  }
}
