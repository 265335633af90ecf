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
        // What a folder of its own is called need not be in the order of the sessions.
        if !layout.descriptions.isEmpty {
          found.sort { bytesPrecede($0.id, $1.id) }
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
    let name = format.layout.name(of: path)
    let id =
      format.layout.id(name)
      ?? (first ?? format.firstRecord(path)).flatMap { Format.Decoder.id(in: $0) }
    var file = LocatedSession(
      id: id.flatMap { $0.isEmpty ? nil : $0 } ?? name, path: path, relativePath: relative)
    let fileName = String(path.split(separator: "/").last ?? "")
    let folder = LocatedSession.folder(of: path) ?? "."
    file.descriptions = format.layout.descriptions(beside: file)
    file.sides = (sides[ExactPath(folder)] ?? []).filter { SideCarry.isName($0, of: fileName) }
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

  func stream(
    _ file: LocatedSession, _ scanned: ScannedRecords<Format.Decoder>
  ) throws(FormatError) -> any RecordStream {
    try format.stream(scanned.content?.path ?? file.path, name: file.name, options: options)
  }

  func scan(
    _ file: LocatedSession
  ) throws(FormatError) -> ScannedRecords<Format.Decoder> {
    var file = file
    if file.texts.isEmpty { file.texts = try Descriptions.read(file) }
    let content = try UnpackedFile(file.path)
    let stream = try format.stream(content.path, name: file.name, options: options)
    var scanned = ScannedRecords(
      decoder: Format.Decoder(file), head: SessionHead(id: file.id), leftOut: LeftOutRecords(),
      fingerprint: Fingerprint(), content: content)
    if format.layout.carriesInLines {
      scanned.carry = LineCarry(longest: options.maximumCarryLength)
    }
    /// Where a last line without a newline ends.
    var end: Place?
    while let record = try stream.next() {
      scanned.end += UInt64(record.bytes.count)
      if scanned.carry?.take(record, after: &scanned.fingerprint) == true { continue }
      scanned.fingerprint.update(record.bytes)
      if case .tooLong(let line) = record.content {
        scanned.leftOut.add(record.place, count: line.count)
      } else {
        end =
          record.bytes.last == UInt8(ascii: "\n") ? nil : record.place(at: record.bytes.count)
      }
      scanned.decoder.note(record)
    }
    scanned.carry?.finish(&scanned.fingerprint, &scanned.leftOut)
    if let end, format.elements(of: file.name) == nil {
      scanned.decoder.log.add(
        "final-newline", .info, end, "the file does not end with a newline")
    }
    scanned.decoder.finishScan()
    scanned.head = scanned.decoder.head
    scanned.head.extras += file.texts.sorted { $0.key < $1.key }.compactMap { name, text in
      Descriptions.extra(name, text, of: Format.id)
    }
    if let writable = format as? any RestorableFileFormat,
      let place = FilePlace.extra(
        file, of: Format.id, usual: writable.path(of: file.id, scanned.head))
    {
      scanned.head.extras.append(place)
    }
    return scanned
  }

  func carry(of file: LocatedSession) throws(FormatError) -> CarryCursor? {
    guard format.layout.carriesInLines else {
      return try SideCarry.cursor(of: file, longest: options.maximumCarryLength)
    }
    let scanned = try scanned(file.id)
    return try scanned.carry?.cursor(path: scanned.content?.path ?? file.path, named: file.name)
  }

  func storeFindings() throws(FormatError) -> [Finding] { openingFindings }

  func files(of id: String) throws(FormatError) -> [SessionFile]? {
    let file = try catalogue.known(id)
    let below = LocatedSession.folder(of: file.relativePath).map { $0 + "/" } ?? ""
    let names = file.descriptions + file.sides
    return [SessionFile(path: file.path, relativePath: file.relativePath)]
      + zip(names, file.files.dropFirst()).map { name, path in
        SessionFile(path: path, relativePath: cleanPath(below + name))
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
