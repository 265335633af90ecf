internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The session files of a tool, or one of them, opened for reading.
final class FileSource<Format: FileFormat>: ScannedSource {
  let catalogue: SessionCatalogue<LocatedSession, ScannedRecords<Format.Decoder>>
  let openingFindings: [Finding]
  let options: ReadOptions
  private let format: Format
  private let folder: String

  var formatID: String { Format.id }

  /// Opens a folder of the tool, or one session file.
  init(_ format: Format, path: String, options: ReadOptions) throws(FormatError) {
    let layout = format.layout
    var store = StoreFiles()
    var found: [LocatedSession] = []
    do throws(FileError) {
      if try StoreFiles.status(of: path).kind == .directory {
        let root = layout.root(of: path)
        folder = root
        let listing = try layout.list(root, &store)
        for relative in listing.files {
          let file = root + "/" + relative
          let first = listing.level > 0 ? format.firstRecord(file) : nil
          // Further down, any file may have such a name.
          guard listing.level == 0 || first.map({ Format.Decoder.recognizes($0) }) == true else {
            store.noteOther(file, than: format.info.name)
            continue
          }
          found.append(Self.file(format, file, relative, first, listing.sides))
        }
      } else {
        folder = LocatedSession.folder(of: path) ?? "."
        let name = path.split(separator: "/").last.map(String.init) ?? path
        var sides: [ExactPath: [String]] = [:]
        sides[ExactPath(folder)] = try listDirectory(folder).filter {
          $0.kind == .file && SideCarry.isName($0.name, of: name)
        }.map(\.name)
        found.append(Self.file(format, path, name, nil, sides))
      }
    } catch {
      throw FormatError(reading: error)
    }
    _ = store.hasFile(at: folder + "/" + StoreRecords.carriedFileName)
    catalogue = SessionCatalogue(Self.distinct(found, &store), in: folder)
    openingFindings = store.findings
    self.format = format
    self.options = options
  }

  /// One session file, which may be staged.
  init(_ format: Format, file: LocatedSession, options: ReadOptions) {
    openingFindings = []
    folder = LocatedSession.folder(of: file.name) ?? "."
    catalogue = SessionCatalogue([file], in: folder)
    self.format = format
    self.options = options
  }

  private static func file(
    _ format: Format, _ path: String, _ relative: String, _ first: JSONValue?,
    _ sides: [ExactPath: [String]]
  ) -> LocatedSession {
    let stem = LocatedSession.stem(relative)
    let id =
      format.layout.id(stem)
      ?? (first ?? format.firstRecord(path)).flatMap { Format.Decoder.id(in: $0) }
    var file = LocatedSession(
      id: id.flatMap { $0.isEmpty ? nil : $0 } ?? stem, path: path, relativePath: relative)
    let name = String(path.split(separator: "/").last ?? "")
    let folder = LocatedSession.folder(of: path) ?? "."
    file.sides = (sides[ExactPath(folder)] ?? []).filter { SideCarry.isName($0, of: name) }
    return file
  }

  /// Tells sessions with one identifier apart: later ones are opened by the name of their file.
  private static func distinct(
    _ files: [LocatedSession], _ store: inout StoreFiles
  ) -> [LocatedSession] {
    let first = Dictionary(
      files.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    var names = DistinctNames()
    return files.enumerated().map { position, file in
      var file = file
      let stated = file.id
      file.id = names.next(first[stated] == position ? stated : file.stem)
      if file.id != stated { store.noteSecond(file.path, name: stated, openedAs: file.id) }
      return file
    }
  }

  func stream(_ file: LocatedSession) throws(FormatError) -> any RecordStream {
    try format.stream(file.path, name: file.name, options: options)
  }

  func scan(
    _ file: LocatedSession
  ) throws(FormatError) -> ScannedRecords<Format.Decoder> {
    let stream = try stream(file)
    var decoder = Format.Decoder(file)
    /// Where a last line without a newline ends.
    var end: Place?
    var fingerprint = Fingerprint()
    while let record = try stream.next() {
      fingerprint.update(record.bytes)
      end =
        record.bytes.last == UInt8(ascii: "\n")
        ? nil : record.place.advanced(by: record.bytes.count)
      switch record.content {
      case .blank: break
      case .damaged(let message, let offset):
        decoder.log.add("record-decodes", .error, record.place.advanced(by: offset), message)
      case .object(let object):
        if let offset = object.document.firstInvalidUTF8 {
          decoder.log.add(
            "utf8", .warning, record.place.advanced(by: offset),
            "invalid UTF-8; each such byte reads as U+FFFD")
        }
        decoder.scan(object, record)
      }
    }
    if let end, format.elements(of: file.name) == nil {
      decoder.log.add(
        "final-newline", .info, end, "the file does not end with a newline")
    }
    decoder.finishScan()
    var head = decoder.head
    let usual = (format as? any RestorableFileFormat)?.path(of: file.id, head)
    if let place = FilePlace.extra(file, of: Format.id, usual: usual) { head.extras.append(place) }
    return ScannedRecords(
      decoder: decoder, head: head, leftOut: stream.leftOut, fingerprint: fingerprint)
  }

  func carry(of file: LocatedSession) throws(FormatError) -> CarryCursor? {
    try SideCarry.cursor(of: file, longest: options.maximumCarryLength)
  }

  func storeFindings() throws(FormatError) -> [Finding] { openingFindings }

  func files(of id: String) throws(FormatError) -> [SessionFile]? {
    let file = try catalogue.known(id)
    let below = LocatedSession.folder(of: file.relativePath).map { $0 + "/" } ?? ""
    return file.files.map { path in
      let name = path.split(separator: "/").last.map(String.init) ?? path
      return SessionFile(path: path, relativePath: below + name)
    }
  }

  func storeFiles() throws(FormatError) -> [StoreFile] {
    do throws(FileError) {
      return try format.layout.storeFiles(in: folder).map { relative in
        StoreFile(
          SessionFile(path: folder + "/" + relative, relativePath: relative), merging: .none)
      }
    } catch {
      throw FormatError(reading: error)
    }
  }

  func carriedStoreRecords() throws(FormatError) -> (format: String, records: StoreRecords)? {
    try StoreCarry.read(folder: folder)
  }
}
