internal import FileIO
internal import SessionCoding
internal import SessionFormats

/// A store of a known tool in its usual place on this machine.
struct LocalStore {
  let format: any SessionFormat
  let path: String
  /// The number of sessions; nil when it cannot be read.
  private(set) var sessions: Int?
  /// Why it cannot be read.
  private(set) var problem: String?

  /// All that are there.
  static var all: [LocalStore] { Registry.formats.compactMap { LocalStore($0) } }

  private init?(_ format: any SessionFormat) {
    guard let path = format.info.defaultLocation() else { return nil }
    self.format = format
    self.path = path
    do throws(FileError) {
      guard try FileStatus(path: path) != nil else { return nil }
    } catch {
      problem = error.description
      return
    }
    do throws(FormatError) {
      sessions = try format.open(path, options: ReadOptions()).sessions().count
    } catch {
      problem = error.message
    }
  }

  /// The size of its files; 0 when they cannot be looked at.
  var bytes: UInt64 { Self.size(of: path, FileStatus.guess(path)?.kind) }

  private static func size(of path: String, _ kind: FileStatus.Kind?) -> UInt64 {
    switch kind {
    case .directory:
      guessListing(path).reduce(0) { $0 &+ size(of: path + "/" + $1.name, $1.kind) }
    case .file: FileStatus.guess(path)?.size ?? 0
    default: 0
    }
  }
}
