internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Compares what two units say, member by member of their canonical form.
///
/// Unless it is strict, what only one side states of a message or head is no difference, nor are
/// identifiers of messages and zones of times: formats have their own ways there.
struct ValueComparison {
  /// Whether everything counts.
  let isStrict: Bool
  /// The most that is shown of a value, in characters.
  private static let excerptLength = 100
  private var scratch = JSONWriter(reserving: 4_096)

  init(isStrict: Bool) { self.isStrict = isStrict }

  mutating func compare(
    _ a: TimelineUnit, _ b: TimelineUnit, into difference: inout SessionDifference
  ) {
    if let shellA = a.shell, let shellB = b.shell, shellA != shellB {
      compare(
        "message", json { CanonicalJSON.write(Entry(.message(shellA)), to: &$0) },
        json { CanonicalJSON.write(Entry(.message(shellB)), to: &$0) }, a.place, &difference)
    }
    if a.kind == b.kind, a.block == b.block, a.record == b.record { return }
    compare(
      a.kind, json { a.write(to: &$0) }, json { b.write(to: &$0) }, a.place, &difference)
  }

  private mutating func json(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
    scratch.removeAll()
    write(&scratch)
    return scratch.bytes
  }

  private func compare(
    _ code: String, _ a: [UInt8], _ b: [UInt8], _ place: String,
    _ difference: inout SessionDifference
  ) {
    guard a != b, let documentA = JSONDocument(ifValid: a, limits: .go),
      let documentB = JSONDocument(ifValid: b, limits: .go)
    else { return }
    compare(documentA.root, documentB.root, code, place, &difference)
  }

  private func compare(
    _ a: JSONValue, _ b: JSONValue, _ code: String, _ place: String,
    _ difference: inout SessionDifference
  ) {
    var names = a.members.map(\.key.string)
    for name in b.members.map(\.key.string) where !names.contains(name) { names.append(name) }
    for name in names where name != "record" && name != "type" {
      let (one, other) = (a[name: name], b[name: name])
      if name == "extras" {
        compareExtras(one, other, code, place, &difference)
        continue
      }
      if !isStrict {
        if one == nil || other == nil { continue }
        if code == "message", name == "id" || name == "parent" { continue }
      }
      if let one, let other, one.raw == other.raw || isSameTime(one, other) {
        continue
      }
      // A time that a converter made up is no statement.
      if (one == nil || other == nil) && Self.isMadeUp(one ?? other) { continue }
      difference.add(
        "\(code).\(Self.spelled(name))", Self.side(one != nil, other != nil),
        .init(place: place, first: one.map(Self.excerpt), second: other.map(Self.excerpt)))
    }
  }

  private static func isMadeUp(_ value: JSONValue?) -> Bool {
    value?["synthesised"]?.bool ?? false
  }

  private func isSameTime(_ a: JSONValue, _ b: JSONValue) -> Bool {
    guard let one = Self.time(a), let other = Self.time(b) else { return false }
    return isStrict ? one == other : one.isSameInstant(as: other)
  }

  private static func time(_ value: JSONValue) -> Timestamp? {
    (value["at"] ?? value).string.flatMap { Timestamp(rfc3339: Array($0.string.utf8)) }
  }

  private func compareExtras(
    _ a: JSONValue?, _ b: JSONValue?, _ code: String, _ place: String,
    _ difference: inout SessionDifference
  ) {
    func list(_ value: JSONValue?) -> [Extra] {
      (value.map { Array($0.members) } ?? []).flatMap { group in
        group.value.members.map {
          Extra(format: group.key.string, key: $0.key.string, value: RawJSON($0.value.raw))
        }
      }
    }
    compare(list(a), list(b), code, place, into: &difference)
  }

  /// Compares fields that only one format has.
  func compare(
    _ a: [Extra], _ b: [Extra], _ code: String, _ place: String,
    into difference: inout SessionDifference
  ) {
    for extra in a {
      let other = b.value(extra.key, of: extra.format)
      guard other != extra.value, isStrict || other != nil else { continue }
      difference.add(
        "\(code).\(extra.format).\(extra.key)", Self.side(true, other != nil),
        .init(
          place: place, first: Self.excerpt(extra.value.string),
          second: other.map { Self.excerpt($0.string) }))
    }
    for extra in b where isStrict && a.value(extra.key, of: extra.format) == nil {
      difference.add(
        "\(code).\(extra.format).\(extra.key)", .second,
        .init(place: place, first: nil, second: Self.excerpt(extra.value.string)))
    }
  }

  static func side(_ first: Bool, _ second: Bool) -> SessionDifference.Side {
    first ? (second ? .both : .first) : .second
  }

  /// Codes are spelled as in the reports of conversions.
  private static func spelled(_ name: String) -> String {
    String((name.hasSuffix("_ns") ? name.dropLast(3) : name[...]).map { $0 == "_" ? "-" : $0 })
  }

  /// Compares heads field by field, identifiers and what readers count themselves aside.
  func compare(_ a: SessionHead, _ b: SessionHead, into difference: inout SessionDifference) {
    let (jsonA, jsonB) = (CanonicalJSON.json(of: a), CanonicalJSON.json(of: b))
    for field in HeadFields.all where !field.isEqual(a, b) {
      let (isInA, isInB) = (field.isStated(a), field.isStated(b))
      if !isStrict, !(isInA && isInB) { continue }
      let member = String(field.name.map { $0 == "-" ? "_" : $0 })
      let values = (Self.value(jsonA, member), Self.value(jsonB, member))
      if let one = values.0, let other = values.1, isSameTime(one, other) { continue }
      difference.add(
        "head.\(field.name)", Self.side(isInA, isInB),
        .init(
          place: "session", first: values.0.map(Self.excerpt),
          second: values.1.map(Self.excerpt)))
    }
    compare(a.extras, b.extras, "head", "session", into: &difference)
  }

  private static func value(_ object: RawJSON, _ member: String) -> JSONValue? {
    (JSONDocument(ifValid: Array(object.bytes), limits: .go))?.root[name: member]
  }

  // MARK: Excerpts

  /// The beginning of what a unit says.
  mutating func excerpt(_ unit: TimelineUnit) -> String {
    if let text = unit.block?.plainText { return Self.excerpt(text.string) }
    return Self.excerpt(String(decoding: json { unit.write(to: &$0) }, as: UTF8.self))
  }

  private static func excerpt(_ value: JSONValue) -> String {
    excerpt(value.string?.string ?? String(decoding: value.raw, as: UTF8.self))
  }

  private static func excerpt(_ text: String) -> String {
    let line = text.prefix(excerptLength * 4).split(whereSeparator: \.isNewline)
      .joined(separator: " ")
    return line.count <= excerptLength ? line : line.prefix(excerptLength) + "..."
  }
}
