#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the file system knows about a file.
///
/// Two equal values of the same path mean, for practical purposes, that the file was not touched.
public struct FileStatus: Hashable, Sendable {
  /// What stands at a path.
  public enum Kind: String, Hashable, Sendable {
    /// An ordinary file.
    case file
    /// A folder.
    case directory
    /// A symbolic link (only when links are not followed).
    case symbolicLink
    /// A named pipe.
    case pipe
    /// A socket.
    case socket
    /// A device, such as a terminal or a disk.
    case device
    /// What only some systems have.
    case other

    /// What it is, with its article.
    public var name: String {
      switch self {
      case .file: "a regular file"
      case .directory: "a folder"
      case .symbolicLink: "a symbolic link"
      case .pipe: "a named pipe"
      case .socket: "a socket"
      case .device: "a device"
      case .other: "a special file"
      }
    }
  }

  /// A point in time as the file system stores it, since 1970-01-01 00:00 UTC.
  public struct Time: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Whole seconds.
    public var seconds: Int64
    /// Nanoseconds within the second.
    public var nanoseconds: Int32

    /// Makes a time from its parts.
    public init(seconds: Int64, nanoseconds: Int32) {
      self.seconds = seconds
      self.nanoseconds = nanoseconds
    }

    /// The time in a text of seconds with nine decimals, as `description` gives it.
    public init?(_ text: String) {
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[1].utf8.count == 9, let seconds = Int64(parts[0]),
        let nanoseconds = UInt32(parts[1]), parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
        seconds > .min
      else { return nil }
      self.init(seconds: seconds, nanoseconds: Int32(nanoseconds))
      // Before 1970 the fraction counts backwards.
      if text.hasPrefix("-"), nanoseconds > 0 {
        self.init(seconds: seconds - 1, nanoseconds: 1_000_000_000 - Int32(nanoseconds))
      }
    }

    /// Seconds since 1970 with nine decimals, as tar archives state times.
    public var description: String {
      var (seconds, nanoseconds) = (self.seconds, self.nanoseconds)
      let isBefore = seconds < 0 && nanoseconds > 0
      if isBefore { (seconds, nanoseconds) = (seconds + 1, 1_000_000_000 - nanoseconds) }
      let digits = String(nanoseconds)
      let sign = isBefore && seconds == 0 ? "-" : ""
      return "\(sign)\(seconds)." + String(repeating: "0", count: 9 - digits.utf8.count) + digits
    }

    /// Whether `a` is before `b`.
    public static func < (a: Time, b: Time) -> Bool {
      (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds)
    }
  }

  /// The size in bytes.
  public var size: UInt64
  /// When the content last changed.
  public var modified: Time
  /// The file's number on its device.
  public var inode: UInt64
  /// The device's number.
  public var device: UInt64
  /// What it is.
  public var kind: Kind
  /// The permission bits, for example `0o600`.
  public var permissions: UInt32

  /// The status of what stands at `path`, or nil if nothing does.
  ///
  /// - Throws: What the system reports, except that nothing is there.
  public init?(path: String, followingLinks: Bool = true) throws(FileError) {
    try checkPath(path, operation: "inspecting")
    var raw = stat()
    let result = unsafe followingLinks ? stat(path, &raw) : lstat(path, &raw)
    guard result == 0 else {
      if lastErrno() == ENOENT || lastErrno() == ENOTDIR { return nil }
      throw .last(path: path, operation: "inspecting", access: .reading)
    }
    self.init(raw)
  }

  init(_ raw: stat) {
    size = UInt64(clamping: raw.st_size)
    #if canImport(Glibc)
      let time = raw.st_mtim
    #else
      let time = raw.st_mtimespec
    #endif
    modified = Time(
      seconds: Int64(time.tv_sec), nanoseconds: Int32(truncatingIfNeeded: time.tv_nsec))
    inode = UInt64(truncatingIfNeeded: raw.st_ino)
    device = UInt64(truncatingIfNeeded: raw.st_dev)
    kind = Kind(mode: raw.st_mode)
    permissions = UInt32(raw.st_mode & 0o7777)
  }
}

extension FileStatus.Kind {
  init(mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .directory
    case S_IFLNK: self = .symbolicLink
    case S_IFIFO: self = .pipe
    case S_IFSOCK: self = .socket
    case S_IFCHR, S_IFBLK: self = .device
    default: self = .other
    }
  }
}
