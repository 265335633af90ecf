internal import Conversion
internal import FileIO
internal import SessionCoding

/// Bundles named on the command line, and the endings of what is done with them.
enum BundleLocation {
  /// The path of a bundle, which is neither a tool's place nor a pipe.
  static func path(_ argument: String) throws(Ending) -> String {
    switch Location(argument) {
    case .path(let path): return path
    case .pipe: throw Ending(.usage, "a bundle cannot be a pipe; give a path")
    case .tool:
      throw Ending(.usage, "\(argument) is a tool's place, not a bundle; give a path")
    }
  }

  /// Runs work on a bundle; errors have their exit codes.
  static func perform<Result: Sendable>(
    _ line: ProgressLine, _ work: (Interruption) async throws(FormatError) -> Result
  ) async throws(Ending) -> Result {
    let interruption = Interruption()
    SignalWatch.stop(interruption)
    do throws(FormatError) {
      let result = try await work(interruption)
      line.erase()
      return result
    } catch {
      line.erase()
      if error.code == .interrupted {
        throw Ending(
          SignalWatch.code,
          "stopped on request: what is complete stays; run the same command again to go on")
      }
      if error.code == .severalSessions { throw Ending(.usage, error.description) }
      if error.isAboutTarget || error.code == .notWritable {
        throw Ending(.target, error.description)
      }
      throw Ending(.source, error.description)
    }
  }
}
