internal import JSONText
internal import SessionModel

/// Fields of a head, for comparing and for carrying changes over.
enum HeadFields {
  /// One field: its name in reports, whether two heads agree, and how to take it over.
  struct Field: Sendable {
    var name: String
    var isEqual: @Sendable (SessionHead, SessionHead) -> Bool
    var isStated: @Sendable (SessionHead) -> Bool
    var copy: @Sendable (SessionHead, inout SessionHead) -> Void
  }

  static let all: [Field] = [
    optional("title", \.title), optional("summary", \.summary), optional("preview", \.preview),
    optional("created", \.created), optional("updated", \.updated),
    optional("workspace", \.workspace), optional("git-branch", \.gitBranch),
    optional("git-commit", \.gitCommit), optional("provider", \.provider),
    optional("provider-key", \.providerKey), optional("endpoint", \.endpoint),
    optional("model", \.model), optional("agent", \.agent), optional("mode", \.mode),
    optional("status", \.status), optional("archived", \.archived), optional("pinned", \.pinned),
    optional("parent", \.parent), optional("usage", \.usage),
    Field(
      name: "tags", isEqual: { $0.tags == $1.tags }, isStated: { !$0.tags.isEmpty },
      copy: { $1.tags = $0.tags }),
  ]

  private static func optional<Value: Equatable & Sendable>(
    _ name: String, _ path: any WritableKeyPath<SessionHead, Value?> & Sendable
  ) -> Field {
    Field(
      name: name, isEqual: { $0[keyPath: path] == $1[keyPath: path] },
      isStated: { $0[keyPath: path] != nil },
      copy: { $1[keyPath: path] = $0[keyPath: path] })
  }

  /// The fields that say which service answers; they only make sense together.
  private static let service: Set<String> = ["provider", "provider-key", "endpoint", "model"]
  /// Fields that tools keep by themselves and that follow every change.
  private static let following: Set<String> = ["updated", "summary", "preview"]

  /// Whether what people gave a session, its title, tags and marks, stands in the second head as in the
  /// first.
  static func keepsGiven(from source: SessionHead, in target: SessionHead) -> Bool {
    let lost = lost(from: source, in: target)
    return !lost.contains("title") && !lost.contains("tags")
      // What does not state a mark does not have it.
      && (source.archived != true || target.archived == true)
      && (source.pinned != true || target.pinned == true)
  }

  /// Whether a name that ``lost(from:in:)`` gives is of a field that follows every change.
  static func isFollowing(_ name: String) -> Bool {
    following.contains(name) || name == "updated-zone"
  }

  /// The head `base` with what was changed at a target, from `before` to `after`.
  ///
  /// What the target could not state as `base` does is not changed by what stands there instead: it is
  /// that tool's own, such as its word for a mode. Tokens that were used there are added.
  static func merge(_ base: SessionHead, before: SessionHead, after: SessionHead) -> SessionHead {
    var merged = base
    func isHeld(_ field: Field) -> Bool {
      following.contains(field.name) || !field.isStated(base) || field.isEqual(base, before)
    }
    let changed = all.filter { !$0.isEqual(before, after) }
    let keepsService = changed.contains { service.contains($0.name) && !isHeld($0) }
    for field in changed where isHeld(field) && !(keepsService && service.contains(field.name)) {
      field.copy(after, &merged)
    }
    if let usage = base.usage, usage != before.usage, let now = after.usage {
      merged.usage = usage.adding(now, since: before.usage)
    }
    return merged
  }

  /// The names of fields that the first head states and the second does not state alike.
  static func lost(from source: SessionHead, in target: SessionHead) -> [String] {
    var names = all.filter { $0.isStated(source) && !$0.isEqual(source, target) }.map(\.name)
    if let usage = source.usage, target.usage?.covers(usage) == true {
      names.removeAll { $0 == "usage" }
    }
    for (name, mine, theirs) in [
      ("created", source.created, target.created), ("updated", source.updated, target.updated),
    ] {
      guard let mine, let theirs, mine.isSameInstant(as: theirs),
        let position = names.firstIndex(of: name)
      else { continue }
      names[position] = name + "-zone"
    }
    for extra in source.extras
    where !target.extras.contains(where: { $0 == extra || $0.hasGrown(since: extra) }) {
      names.append("\(extra.format).\(extra.key)")
    }
    return names
  }
}

extension TokenUsage {
  /// These tokens and what was used between two counts of another tool.
  fileprivate func adding(_ now: TokenUsage, since before: TokenUsage?) -> TokenUsage {
    func growth(_ count: KeyPath<TokenUsage, Int64?>) -> Int64? {
      guard let value = now[keyPath: count] else { return nil }
      let (grown, overflow) = value.subtractingReportingOverflow(before?[keyPath: count] ?? 0)
      return overflow || grown <= 0 ? nil : grown
    }
    return adding(
      TokenUsage(
        input: growth(\.input), output: growth(\.output), cacheRead: growth(\.cacheRead),
        cacheWrite: growth(\.cacheWrite), promptTotal: growth(\.promptTotal)))
  }
}

extension Extra {
  /// Whether this is a count that went on since it was another.
  fileprivate func hasGrown(since other: Extra) -> Bool {
    guard format == other.format, key == other.key,
      let now = Int64(String(decoding: value.bytes, as: UTF8.self)),
      let before = Int64(String(decoding: other.value.bytes, as: UTF8.self))
    else { return false }
    return now > before
  }
}
