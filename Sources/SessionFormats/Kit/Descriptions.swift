internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// A file that describes a session and stands beside its own, such as a manifest.
struct Description {
  /// Its path from the folder of the session's file.
  var name: String
  var text: [UInt8]
  /// Whether several sessions may have it, so that it stays as it is where it stands.
  var isShared = false
}

/// How a session keeps the files that describe it: as texts in its head.
enum Descriptions {
  private static let prefix = "file "
  /// Longer ones are no descriptions.
  private static let limit = 16 << 20

  /// Whether an extra of a head is such a file.
  static func isOne(_ extra: Extra) -> Bool { extra.key.hasPrefix(prefix) }

  /// The extra that keeps a file; nil for one that is no UTF-8.
  static func extra(_ name: String, _ text: [UInt8], of format: String) -> Extra? {
    guard let text = String(validating: text, as: UTF8.self) else { return nil }
    return Extra(
      format: format, key: prefix + name, value: RawJSON(string: JSONString(text)))
  }

  /// The files that a head keeps.
  static func stated(in head: SessionHead, of format: String) -> [Description] {
    head.extras.compactMap { extra in
      guard extra.format == format, isOne(extra), let text = head.extras.text(extra.key, of: format)
      else { return nil }
      return Description(name: String(extra.key.dropFirst(prefix.count)), text: Array(text.utf8))
    }
  }

  /// Reads the files that are there.
  static func read(_ file: LocatedSession) throws(FormatError) -> [String: [UInt8]] {
    var texts: [String: [UInt8]] = [:]
    do throws(FileError) {
      for name in file.descriptions {
        texts[name] = try readFile(file.place(of: name), limit: limit)
      }
    } catch {
      throw FormatError(reading: error)
    }
    return texts
  }
}

extension FileLayout {
  /// Those of ``descriptions`` that stand beside a session's file; none where its name is another than
  /// the tool's.
  func descriptions(beside file: LocatedSession) -> [String] {
    guard isDescribed(file.path) else { return [] }
    return descriptions.filter { name in
      let place = cleanPath(
        (LocatedSession.folder(of: file.relativePath).map { $0 + "/" } ?? "") + name)
      return !place.hasPrefix("..") && FileStatus.guess(file.place(of: name))?.kind == .file
    }
  }

  /// Whether a session file has the one name by which the tool finds it, so that others describe it.
  func isDescribed(_ path: String) -> Bool {
    !descriptions.isEmpty
      && patterns.contains { path.split(separator: "/").last == $0.split(separator: "/").last }
  }
}

extension LocatedSession {
  /// The path of a file that describes the session.
  func place(of description: String) -> String {
    cleanPath((Self.folder(of: name) ?? ".") + "/" + description)
  }

  /// What a file that describes the session says; nil when it is not there or no JSON.
  func described(by name: String) -> JSONValue? {
    texts[name].flatMap { JSONDocument(ifValid: $0, limits: .go) }?.root
  }
}
