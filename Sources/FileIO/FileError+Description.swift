#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension FileError: CustomStringConvertible {
  /// What went wrong, where, and what to do next, in one sentence.
  public var description: String {
    var text = "\(problem) while \(operation) \(path)"
    switch (line, offset) {
    case (let line?, let offset?): text += ", line \(line) (byte \(offset))"
    case (let line?, nil): text += ", line \(line)"
    case (nil, let offset?): text += ", byte \(offset)"
    case (nil, nil): break
    }
    if let advice { text += "; \(advice)" }
    return text
  }

  private var problem: String {
    switch code {
    case .notFound: "No such file or directory"
    case .notReadable: "Permission denied"
    case .notWritable: errno == EROFS ? "Read-only file system" : "Permission denied"
    case .isDirectory: "Is a directory"
    case .notRegularFile: "Is \(kind.map { "\($0.name) and " } ?? "")no regular file"
    case .notDirectory: "Not a directory"
    case .isSymbolicLink: "Is a symbolic link"
    case .noSpace: errno == EDQUOT ? "Disk quota used up" : "No space left on device"
    case .fileTooLarge: "File too large"
    case .lineTooLong: "Line too long"
    case .exists: "Already exists"
    case .changed: "Changed by another program"
    case .inUse: "Open in another program"
    case .locked: "Locked by another process"
    case .invalidPath: "Not a usable path"
    case .noResources: "Out of memory or open files"
    case .interrupted: "Interrupted"
    case .noLibrary: "A library is missing"
    case .damaged: "Damaged content"
    default: errno == 0 ? "Failure" : Self.systemMessage(errno)
    }
  }

  private var advice: String? {
    switch code {
    case .notFound: "check the path"
    case .notReadable: "grant read permission or run as its owner"
    case .notWritable: "choose a writable place or grant write permission"
    case .isDirectory: "name a file"
    case .notRegularFile: "name a regular file"
    case .notDirectory: "check every part of the path"
    case .isSymbolicLink: "use the path it points to"
    case .noSpace: "free space and run again"
    case .fileTooLarge:
      errno == 0
        ? "no such file is that large, check what it is"
        : "raise the file size limit (ulimit -f) or use another disk"
    case .lineTooLong: "raise --max-record"
    case .exists: "remove it or choose another name"
    case .changed: "nothing was overwritten; run again"
    case .inUse, .locked: "close the program that uses it and run again"
    case .invalidPath: "correct the path"
    case .noResources: "close programs or run fewer jobs at once"
    case .interrupted: "run again"
    case .io: "check the disk and run again"
    default: nil
    }
  }

  private static func systemMessage(_ number: Int32) -> String {
    guard let text = unsafe strerror(number) else { return "System error \(number)" }
    return unsafe String(cString: text) + " (errno \(number))"
  }
}
