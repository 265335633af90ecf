internal import FileIO
internal import SessionCoding

/// An early end of the program: what is told, and the code it exits with.
struct Ending: Error {
  /// The documented exit codes.
  enum Code: Int32 {
    case found = 1
    case usage = 2
    case source = 3
    case target = 4
    case sessions = 5
    case interrupted = 130
    case terminated = 143
    case hungUp = 129
  }

  var code: Code
  /// One sentence; nil when everything has been said.
  var message: String?

  init(_ code: Code, _ message: String? = nil) {
    self.code = code
    self.message = message
  }

  /// The source cannot be read.
  init(source error: FormatError) {
    self.init(.source, error.description)
  }

  /// Standard output or a report cannot be written.
  init(output error: FileError) {
    self.init(.target, error.description)
  }

  /// Ends the program.
  func end() -> Never {
    if let message {
      var errors = StandardOutput(errors: true)
      // Nobody could be told that this fails.
      try? errors.write("carryover: \(message)\n")
      try? errors.flush()
    }
    TemporaryFiles.removeAll()
    endProcess(code.rawValue)
  }
}
