internal import FileIO

/// The locks of one call: those that the tool's current releases take, or the folder itself.
struct StoreLocks: ~Copyable {
  private var file: FileLock?
  private var folder: DirectoryLock?

  /// Locks a file's side-car, `index.json.flock` or `<id>.jsonl.flock`, which then stays.
  ///
  /// Documented releases have none and would list it as rubbish; with ``Options/repeatsDataLoss``
  /// the folder is locked instead, which leaves no trace.
  init(_ store: JSONLStore, _ name: String) throws(StoreError) {
    do throws(FileError) {
      if store.options.repeatsDataLoss {
        file = nil
        folder = try DirectoryLock(path: store.directory)
      } else {
        folder = nil
        file = try FileLock(path: store.directory + "/" + name + ".flock", blocking: true)
      }
    } catch {
      throw StoreError(writing: error)
    }
  }

  /// Ends the locks.
  consuming func release() {
    file = nil
    folder = nil
  }
}
