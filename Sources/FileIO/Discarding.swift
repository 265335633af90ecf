/// Removes a file that nobody needs any more, such as a staged one after a failure.
///
/// Best effort: there is nobody to tell, and what is left has a name that a later run recognises.
public func discardFile(_ path: String) { _ = try? removeFile(path) }

/// Removes a file or a directory with all it contains, as ``discardFile(_:)`` does.
public func discardTree(_ path: String) { try? removeTree(path) }

/// Removes a directory if it is empty; one that cannot be removed stays.
///
/// - Returns: Whether it was there and is gone.
@discardableResult
public func discardEmptyDirectory(_ path: String) -> Bool {
  (try? removeEmptyDirectory(path)) ?? false
}
