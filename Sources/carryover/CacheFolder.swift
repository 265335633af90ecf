internal import FileIO

/// Where the program keeps what it can do without, by the XDG Base Directory Specification.
enum CacheFolder {
  /// `$XDG_CACHE_HOME/carryover`, or `~/.cache/carryover`; nil where there is no home.
  static var path: String? {
    // The specification says to ignore relative paths.
    if let cache = environmentVariable("XDG_CACHE_HOME"), cache.hasPrefix("/") {
      return cache + "/carryover"
    }
    return homeDirectory().map { $0 + "/.cache/carryover" }
  }
}
