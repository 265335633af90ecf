extension FileError {
  /// The kind of a failure; open, so new kinds can be added without breaking callers.
  public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The stable name of the kind, as it appears in reports.
    public let rawValue: String

    /// Makes a kind from its stable name.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// The stable name of the kind.
    public var description: String { rawValue }

    /// Nothing exists at the path.
    public static let notFound = Code(rawValue: "not-found")
    /// Permission to read is missing.
    public static let notReadable = Code(rawValue: "not-readable")
    /// Permission to write is missing, or the file system is read-only.
    public static let notWritable = Code(rawValue: "not-writable")
    /// A directory stands where a file was expected.
    public static let isDirectory = Code(rawValue: "is-directory")
    /// A pipe, a socket or a device stands where a regular file was expected.
    public static let notRegularFile = Code(rawValue: "not-regular-file")
    /// A part of the path that should be a directory is none.
    public static let notDirectory = Code(rawValue: "not-directory")
    /// A symbolic link stands where it must not be followed or replaced.
    public static let isSymbolicLink = Code(rawValue: "is-symbolic-link")
    /// The file system or the quota is full.
    public static let noSpace = Code(rawValue: "no-space")
    /// The file exceeds a limit of the process, the file system or the caller.
    public static let fileTooLarge = Code(rawValue: "file-too-large")
    /// A line exceeds the caller's limit.
    public static let lineTooLong = Code(rawValue: "line-too-long")
    /// Something already exists at the path.
    public static let exists = Code(rawValue: "exists")
    /// What stands at the path is not what stood there when it was looked at.
    public static let changed = Code(rawValue: "changed")
    /// Another program has the file open for writing.
    public static let inUse = Code(rawValue: "in-use")
    /// Another process holds the lock.
    public static let locked = Code(rawValue: "locked")
    /// The path is no usable path: it is empty, too long or contains a NUL.
    public static let invalidPath = Code(rawValue: "invalid-path")
    /// Memory or the number of open files is exhausted.
    public static let noResources = Code(rawValue: "no-resources")
    /// The operation was cut short because the program is ending.
    public static let interrupted = Code(rawValue: "interrupted")
    /// A library that is needed for the file is not installed.
    public static let noLibrary = Code(rawValue: "no-library")
    /// The content is not what the file's kind demands.
    public static let damaged = Code(rawValue: "damaged")
    /// Any other failure the system reported; `errno` tells which.
    public static let io = Code(rawValue: "io")
  }
}
