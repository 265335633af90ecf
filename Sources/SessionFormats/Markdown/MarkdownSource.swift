internal import FileIO
internal import SessionCoding
internal import SessionModel

/// A file of a transcript.
struct MarkdownFile: SessionHolder {
  var id: String
  var path: String
  /// The head as the beginning of the file states it.
  var head: SessionHead

  var readPath: String { path }
  var files: [String] { [path] }
}

/// A transcript or a folder of transcripts opened for reading.
final class MarkdownSource: SessionSource {
  private let path: String
  private let options: ReadOptions
  private let catalogue: SessionCatalogue<MarkdownFile, MarkdownScan>
  let openingFindings: [Finding]
  /// Whether every file of the folder could be looked at.
  let isWhole: Bool

  init(path: String, options: ReadOptions) throws(FormatError) {
    self.path = path
    self.options = options
    var files: [MarkdownFile] = []
    var store = StoreFiles()
    do throws(FileError) {
      if try StoreFiles.status(of: path).kind == .directory {
        for entry in try listDirectory(path) where entry.name.hasSuffix(MarkdownName.suffix) {
          let file = path + "/" + entry.name
          guard store.isFile(entry, at: file) else { continue }
          do throws(FileError) {
            if try Markdown.isTranscript(file) { files.append(try Self.file(file)) }
          } catch {
            store.noteUnreadable(file, error)
          }
        }
        _ = store.hasFile(at: path + "/" + StoreCarry.fileName)
      } else {
        files.append(try Self.file(path))
      }
    } catch {
      throw FormatError(reading: error)
    }
    var names = DistinctNames()
    for index in files.indices {
      let stated = files[index].id
      files[index].id = names.next(stated)
      guard files[index].id != stated else { continue }
      store.noteSecond(files[index].path, name: stated, openedAs: files[index].id)
    }
    files.sort { $0.id < $1.id }
    catalogue = SessionCatalogue(files, in: path)
    isWhole = store.unreadable == nil
    openingFindings = store.findings
  }

  private static func file(_ path: String) throws(FileError) -> MarkdownFile {
    let start = try RandomAccessFile(path: path).read(at: 0, count: FrontMatter.longest)
    let head = FrontMatter(start).head(fallbackID: MarkdownName.identifier(ofFile: path))
    return MarkdownFile(id: head.id, path: path, head: head)
  }

  /// The heads that the files state at their beginnings, by the files' paths.
  var heads: [(path: String, head: SessionHead)] { catalogue.files.map { ($0.path, $0.head) } }

  func list() throws(FormatError) -> [ListedSession] {
    catalogue.files.map { ListedSession(id: $0.id, files: $0.files) }
  }

  func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary] {
    catalogue.files.filter { wanted?.contains($0.id) ?? true }.map { file in
      // Why it cannot be read is told when it is opened.
      let head = (try? scan(file.id).head) ?? file.head
      return SessionSummary(
        id: file.id, path: file.path, title: head.title, created: head.created,
        workspace: head.workspace, messageCount: head.messageCount,
        byteCount: FileStatus.guess(file.path)?.size ?? 0)
    }
  }

  private func scan(_ id: String) throws(FormatError) -> MarkdownScan {
    try catalogue.scan(id) { file throws(FormatError) in
      try MarkdownScan(path: file.path, options: options)
    }
  }

  func reader(for id: String) throws(FormatError) -> any SessionReader {
    try MarkdownReader(scan: try scan(id), id: id, options: options)
  }

  func files(of id: String) throws(FormatError) -> [SessionFile]? {
    let file = try catalogue.known(id).path
    let folder = MarkdownMedia.folder(of: file)
    var files = [SessionFile(atRoot: file)]
    do throws(FileError) {
      for hash in try MarkdownMedia.hashes(in: file) {
        let place = MarkdownMedia.relativePath(hash)
        guard try FileStatus(path: folder + "/" + place)?.kind == .file else { continue }
        files.append(SessionFile(path: folder + "/" + place, relativePath: place))
      }
    } catch {
      throw FormatError(reading: error)
    }
    return files
  }

  func storeFiles() throws(FormatError) -> [StoreFile] {
    let index = path + "/" + MarkdownName.index
    do throws(FileError) {
      guard try FileStatus(path: index)?.kind == .file, Markdown.isIndex(index) else { return [] }
      return [StoreFile(SessionFile(atRoot: index), merging: .records)]
    } catch {
      throw FormatError(reading: error)
    }
  }

  func fingerprint(of id: String) throws(FormatError) -> Fingerprint { try scan(id).fingerprint }

  func findings(of id: String) throws(FormatError) -> [Finding] { try scan(id).findings }

  func leftOut(of id: String) throws(FormatError) -> LeftOutRecords { try scan(id).leftOut }

  func storeFindings() throws(FormatError) -> [Finding] { openingFindings }

  func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader? {
    try scan(id).carry?.cursor(options.maximumCarryLength).header
  }

  func carriedStoreRecords() throws(FormatError) -> (format: String, records: StoreRecords)? {
    try StoreCarry.read(folder: path)
  }
}
