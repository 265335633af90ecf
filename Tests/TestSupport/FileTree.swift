public import FileIO
import Foundation

/// The regular files below a folder: bytes, permissions and modification times by relative path.
public struct FileTree: Equatable, CustomStringConvertible {
  /// What a file is.
  public struct File: Equatable {
    /// The content.
    public var bytes: [UInt8]
    /// The permission bits.
    public var mode: UInt32
    /// When it last changed.
    public var modified: FileStatus.Time
  }

  /// The files by their paths from the folder.
  public var files: [String: File] = [:]

  /// Looks at a folder; at a file as a folder that holds it alone.
  public init(_ root: String) throws {
    if let status = try FileStatus(path: root), status.kind == .file {
      files[(root as NSString).lastPathComponent] = try Self.file(root, status)
      return
    }
    try add(root, "")
  }

  /// The same without the files whose paths a test does not speak of.
  public func filter(_ isWanted: (String) -> Bool) -> FileTree {
    var tree = self
    tree.files = files.filter { isWanted($0.key) }
    return tree
  }

  private mutating func add(_ root: String, _ folder: String) throws {
    for entry in try listDirectory(folder.isEmpty ? root : root + "/" + folder) {
      let place = folder.isEmpty ? entry.name : folder + "/" + entry.name
      let path = root + "/" + place
      switch entry.kind {
      case .directory: try add(root, place)
      case .file:
        guard let status = try FileStatus(path: path) else { continue }
        files[place] = try Self.file(path, status)
      default: break
      }
    }
  }

  private static func file(_ path: String, _ status: FileStatus) throws -> File {
    File(bytes: try readFile(path), mode: status.permissions, modified: status.modified)
  }

  /// The names with modes and times, for the message of a failed test.
  public var description: String {
    files.sorted { $0.key < $1.key }.map { name, file in
      "\(name) \(file.bytes.count) bytes, 0\(String(file.mode, radix: 8)), \(file.modified)"
    }.joined(separator: "\n")
  }

  /// Gives every file below a folder, or one file, a mode and a time of its own, with fractions of seconds.
  public static func age(_ root: String) throws {
    let modes: [UInt32] = [0o600, 0o644, 0o640, 0o400]
    let names = try FileTree(root).files.keys.sorted()
    let isFile = try FileStatus(path: root)?.kind == .file
    for (number, name) in names.enumerated() {
      try setAttributes(
        of: isFile ? root : root + "/" + name, permissions: modes[number % modes.count],
        modified: FileStatus.Time(
          // Neither in the order of the names nor of the sessions.
          seconds: 1_700_000_000 + Int64((number * 7_919) % 10_007),
          nanoseconds: number.isMultiple(of: 3) ? 0 : Int32(number * 1_001 % 1_000_000_000)))
    }
  }
}
