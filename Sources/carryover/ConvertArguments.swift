public import ArgumentParser
public import Conversion
internal import SessionCoding
internal import SessionFormats

/// A format to write and its profile, as `FORMAT[@PROFILE]`.
struct TargetArgument: ExpressibleByArgument {
  let format: any RestorableSessionFormat
  let profile: String?

  init?(argument: String) {
    let parts = argument.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first,
      let format = Registry.restorable.first(where: { $0.info.id == name })
    else { return nil }
    self.format = format
    profile = parts.count > 1 ? String(parts[1]) : nil
    if let profile, !format.info.profiles.contains(where: { $0.name == profile }) { return nil }
  }

  static var allValueStrings: [String] {
    Registry.writable.flatMap { format in
      [format.info.id] + format.info.profiles.map { "\(format.info.id)@\($0.name)" }
    }
  }

  static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

/// A beginning of paths and what to put in its place, as `OLD=NEW`.
struct PathMapping: ExpressibleByArgument {
  let old: String
  let new: String

  init?(argument: String) {
    guard let sign = argument.firstIndex(of: "="), sign > argument.startIndex else { return nil }
    old = String(argument[..<sign])
    new = String(argument[argument.index(after: sign)...])
  }
}

extension ConflictPolicy: ExpressibleByArgument {}
