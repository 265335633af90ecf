internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// A format that keeps each session in a file of its own.
protocol FileFormat: SessionFormat {
  associatedtype Decoder: RecordDecoder

  /// The format's identifier.
  static var id: String { get }

  /// Where the files are.
  var layout: FileLayout { get }

  /// The name of the array that holds the records of a file which is one JSON document; nil for a file
  /// of JSON lines.
  func elements(of path: String) -> String?

  /// A record without what changes what the tool may do, or is told; nil when it says nothing else.
  ///
  /// - Parameter settings: Gets what was left out.
  func withoutSettings(
    _ record: ArraySlice<UInt8>, _ settings: inout StrippedSettings
  ) -> ArraySlice<UInt8>?
}

extension FileFormat {
  func elements(of path: String) -> String? { nil }

  func withoutSettings(
    _ record: ArraySlice<UInt8>, _ settings: inout StrippedSettings
  ) -> ArraySlice<UInt8>? { record }

  /// Opens a file record by record.
  ///
  /// - Parameters:
  ///   - path: The file that is read.
  ///   - name: The path that places name.
  func stream(_ path: String, name: String, options: ReadOptions) throws(FormatError)
    -> any RecordStream
  {
    guard let member = elements(of: name) else {
      return try LineStream(path: path, name: name, options: options)
    }
    return try DocumentStream(path: path, name: name, elements: member, options: options)
  }

  /// How many files of a folder are looked at before it is said to hold no session.
  private var mostProbed: Int { 10 }

  func recognizes(_ path: String) -> Bool {
    guard let status = FileStatus.guess(path) else { return false }
    switch status.kind {
    case .file: return !layout.isKnownByFolder && isSession(path)
    case .directory:
      var store = StoreFiles()
      // A guess: whoever opens it says why it cannot be read.
      let listing = try? layout.list(layout.root(of: path), &store)
      guard let listing, listing.level == 0 || !layout.isKnownByFolder else { return false }
      return listing.files.prefix(mostProbed).contains {
        isSession(layout.root(of: path) + "/" + $0)
      }
    default: return false
    }
  }

  func open(_ path: String, options: ReadOptions) throws(FormatError) -> any SessionSource {
    try FileSource(self, path: path, options: options)
  }

  func mappingPaths(of record: ArraySlice<UInt8>, _ map: PathMap)
    -> (bytes: [UInt8], count: Int)?
  { nil }

  /// Whether a file has the ending of a session file and begins as one.
  private func isSession(_ path: String) -> Bool {
    let name = path.split(separator: "/").last ?? ""
    let isNamed = layout.patterns.contains { pattern in
      pattern.split(separator: ".").last.map { name.hasSuffix("." + $0) } ?? false
    }
    return isNamed && firstRecord(path).map { Decoder.recognizes($0) } ?? false
  }

  /// The first record of a file; nil when it is no object or cannot be read.
  func firstRecord(_ path: String) -> JSONValue? {
    // A guess, as above.
    guard let stream = try? stream(path, name: path, options: ReadOptions()) else { return nil }
    while let record = (try? stream.next()) ?? nil {
      switch record.content {
      case .blank: continue
      case .object(let value): return value
      case .damaged, .tooLong: return nil
      }
    }
    return nil
  }
}
