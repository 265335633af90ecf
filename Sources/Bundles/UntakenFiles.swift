internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Counts the files below a store's place that a backup does not take.
struct UntakenFiles {
  /// What is neither session, nor index, nor grants access, by folder.
  private(set) var places: [BackupReport.Untaken] = []
  /// What grants access.
  private(set) var omissions: [Omission] = []
  /// What lies in a session's own folder and cannot be taken.
  private(set) var findings: [Finding] = []

  private let info: FormatInfo
  private let root: String
  /// What cleaned paths of files below the root begin with.
  private let prefix: String
  private let taken: Set<ExactPath>
  private let owners: [ExactPath: String]
  private var accessFiles: [String: Int] = [:]

  /// Looks at the names below a folder; nothing is read.
  ///
  /// - Parameters:
  ///   - taken: The cleaned paths of the files that are in the bundle.
  ///   - owners: The sessions by the names of their own folders.
  init(
    below root: String, of info: FormatInfo, taken: Set<ExactPath>, owners: [ExactPath: String]
  ) throws(FileError) {
    self.owners = owners
    self.info = info
    self.root = cleanPath(root)
    prefix = String(cleanPath(root + "/x").dropLast())
    self.taken = taken
    guard try FileStatus(path: root)?.kind == .directory else { return }
    let (count, hasTaken) = try count("", of: nil)
    if count > 0, !hasTaken { add(".", count) }
    places.sort { $0.place < $1.place }
    omissions = accessFiles.sorted { $0.key < $1.key }.map {
      Omission(format: info.id, name: $0.key, count: $0.value)
    }
  }

  private mutating func add(_ place: String, _ count: Int) {
    places.append(BackupReport.Untaken(tool: info.id, place: place, files: count))
  }

  /// Notes what belongs to a session and is no regular file, or cannot be opened by its name.
  private mutating func note(_ entry: DirectoryEntry, at place: String, of owner: String) {
    let what =
      !entry.isNameExact
      ? "its name is not UTF-8"
      : entry.kind == .symbolicLink ? "a symbolic link" : "no regular file"
    findings.append(
      Finding(
        rule: "archive.side-file", severity: .error, place: .file(path: root + "/" + place),
        message: "it belongs to the session \(owner), but is not taken: \(what)"))
  }

  /// Counts what is below a folder; folders of which nothing is taken count as one.
  ///
  /// - Parameter owner: The session whose own folder it is in.
  private mutating func count(
    _ folder: String, of owner: String?
  ) throws(FileError) -> (count: Int, hasTaken: Bool) {
    var loose = 0
    var folders: [(place: String, count: Int)] = []
    var hasTaken = false
    for entry in try listDirectory(root + "/" + folder) {
      let place = folder.isEmpty ? entry.name : folder + "/" + entry.name
      let isPlain = entry.isNameExact && [.file, .directory].contains(entry.kind)
      let owner = owner ?? owners[ExactPath(entry.name)]
      if let owner, !isPlain, !info.grantsAccess(file: entry.name),
        !taken.contains(ExactPath(prefix + place))
      {
        note(entry, at: place, of: owner)
      } else if entry.kind == .directory {
        let inside: (count: Int, hasTaken: Bool)
        do throws(FileError) {
          inside = try count(place, of: owner)
        } catch {
          // What cannot be listed is one thing that is not taken.
          inside = (1, false)
        }
        if inside.hasTaken {
          hasTaken = true
        } else if inside.count > 0 {
          folders.append((place, inside.count))
        }
      } else if taken.contains(ExactPath(prefix + place)) {
        hasTaken = true
      } else if info.grantsAccess(file: entry.name) {
        accessFiles[entry.name, default: 0] += 1
      } else if entry.name != StoreRecords.carriedFileName {
        loose += 1
      }
    }
    guard hasTaken else { return (folders.reduce(loose) { $0 + $1.count }, false) }
    for (place, count) in folders { add(place, count) }
    if loose > 0 { add(folder.isEmpty ? "." : folder, loose) }
    return (0, true)
  }
}
