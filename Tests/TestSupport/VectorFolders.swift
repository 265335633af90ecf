import FileIO

/// Folders with recorded calls and answers: the project's own, and the one that the environment
/// variable `CARRYOVER_VECTORS` names.
///
/// A folder holds `ggcode/sequences/<name>/`, `ggcode/store` with `ggcode/expected`,
/// `term-llm/vectors/*.json[l]`, `term-llm/exports`, and `term-llm/*.db` with `*.expect.json` or
/// `*.dump.json` beside them; what is missing is not tested.
public enum VectorFolders {
  /// All roots, the project's own first.
  public static var roots: [String] {
    var roots = [Fixtures.projectRoot + "/Tests/Vectors"]
    if let more = environmentVariable("CARRYOVER_VECTORS"), !more.isEmpty { roots.append(more) }
    return roots
  }

  /// Existing folders at a path below the roots.
  public static func folders(_ path: String) -> [String] {
    roots.map { $0 + "/" + path }.filter {
      (try? FileStatus(path: $0))?.kind == .directory
    }
  }

  /// The folders inside the folders at a path below the roots, in order.
  public static func subfolders(_ path: String) -> [String] {
    folders(path).flatMap { folder in
      ((try? listDirectory(folder)) ?? []).filter { $0.kind == .directory }.map {
        folder + "/" + $0.name
      }
    }
  }

  /// The files of one ending below the roots, at any depth up to three.
  public static func files(_ path: String, suffix: String) -> [String] {
    folders(path).flatMap { files(in: $0, suffix: suffix, depth: 3) }
  }

  private static func files(in folder: String, suffix: String, depth: Int) -> [String] {
    ((try? listDirectory(folder)) ?? []).flatMap { entry in
      let path = folder + "/" + entry.name
      if entry.kind == .directory {
        return depth > 0 ? files(in: path, suffix: suffix, depth: depth - 1) : []
      }
      return entry.name.hasSuffix(suffix) ? [path] : []
    }
  }
}
