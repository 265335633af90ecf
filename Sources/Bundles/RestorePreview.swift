internal import Archive
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// What a restoration would do to one file of the destination.
public struct RestorePreview: Sendable, Hashable {
  /// What is at the file's place now.
  public enum State: String, Sendable, CaseIterable {
    /// Nothing: the file would be written.
    case new
    /// The same bytes: the file would be left alone.
    case same
    /// Something to which sessions, or names of sessions, would be added.
    case added
    /// Something else.
    case other
  }

  /// The place.
  public var path: String
  /// What is there.
  public var state: State
}

extension RestorePreview {
  /// Compares what was restored into a private folder with the destination.
  ///
  /// - Parameters:
  ///   - place: The file or folder that was restored.
  ///   - destination: Where it would be.
  ///   - adding: The places to which something is added where they are filled.
  static func files(
    of place: String, at destination: String, adding: (_ place: String) -> Bool
  ) throws(FormatError) -> [RestorePreview] {
    var previews: [RestorePreview] = []
    for name in try names(below: place, "").sorted(by: BagManifest.precedes) {
      let end = name.isEmpty ? "" : "/" + name
      let target = destination + end
      let status = try reading { () throws(FileError) in
        try FileStatus(path: target, followingLinks: false)
      }
      var state = State.new
      if let status {
        state = status.kind == .file && adding(name) ? .added : .other
        if status.kind == .file,
          try BackupRun.digest(of: target) == BackupRun.digest(of: place + end)
        {
          state = .same
        }
      }
      previews.append(RestorePreview(path: target, state: state))
    }
    return previews
  }

  /// The files below a place, relative to it; one empty name for a file.
  private static func names(below place: String, _ folder: String) throws(FormatError) -> [String] {
    let path = folder.isEmpty ? place : place + "/" + folder
    let status = try reading { () throws(FileError) in try FileStatus(path: path) }
    guard let status else { return [] }
    guard status.kind == .directory else { return [folder] }
    var found: [String] = []
    let entries = try reading { () throws(FileError) in try listDirectory(path) }
    for entry in entries {
      found += try names(below: place, folder.isEmpty ? entry.name : folder + "/" + entry.name)
    }
    return found
  }
}
