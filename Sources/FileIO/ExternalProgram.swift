#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Another program, run to its end.
public enum ExternalProgram {
  /// Runs a program that is looked for in `PATH`.
  ///
  /// What it prints is dropped; its messages go to a file. It may ask the user at the terminal.
  ///
  /// - Parameters:
  ///   - words: The program's name and its arguments, as they are: no shell reads them.
  ///   - messages: A file that is made for what it says on standard error.
  /// - Returns: What it exits with; 128 and the signal when one ended it.
  /// - Throws: `.notFound` when there is no such program, and what starting it reports.
  public static func run(_ words: [String], messages: String) throws(FileError) -> Int32 {
    let name = words.first ?? ""
    for word in words { try checkPath(word, operation: "running") }
    #if canImport(Glibc)
      var actions = unsafe posix_spawn_file_actions_t()
    #else
      var actions: posix_spawn_file_actions_t?
    #endif
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    unsafe posix_spawn_file_actions_addopen(
      &actions, 2, messages, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var process: pid_t = 0
    let result = unsafe posix_spawnp(&process, name, &actions, nil, &arguments, environ)
    guard result == 0 else {
      throw FileError(system: result, path: name, operation: "running", access: .reading)
    }
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 {
      guard lastErrno() == EINTR else {
        throw .last(path: name, operation: "running", access: .reading)
      }
    }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }
}
