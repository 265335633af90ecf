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

  /// The head `base` with every field taken over that differs between `before` and `after`.
  static func merge(_ base: SessionHead, before: SessionHead, after: SessionHead) -> SessionHead {
    var merged = base
    for field in all where !field.isEqual(before, after) { field.copy(after, &merged) }
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
    for extra in source.extras where !target.extras.contains(extra) {
      names.append("\(extra.format).\(extra.key)")
    }
    return names
  }
}
