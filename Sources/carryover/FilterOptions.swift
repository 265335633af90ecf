internal import ArgumentParser
internal import Conversion
internal import FileIO
internal import SessionModel

/// What narrows the sessions of a source, in the same words wherever one is named.
struct FilterOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only sessions that changed since then: a day as 2026-03-01, a time, or an age as 90d.",
      valueName: "time"))
  var since: TimeArgument?
  @Option(
    help: ArgumentHelp(
      "Only sessions that last changed until then; a day counts whole.", valueName: "time"))
  var until: TimeArgument?
  @Option(
    help: ArgumentHelp("Only sessions that work in this folder or below it.", valueName: "path"))
  var project: String?
  @Option(help: ArgumentHelp("Only so many sessions, those that changed last.", valueName: "n"))
  var limit: Int?

  func validate() throws {
    if let limit, limit < 1 {
      throw ValidationError("--limit \(limit) is out of range; give 1 or more")
    }
    if let since, let until, !(since.start < until.end) {
      throw ValidationError("--since is later than --until, so no session can pass")
    }
  }

  /// The filter.
  func filter() throws(Ending) -> SessionFilter {
    var filter = SessionFilter()
    filter.since = since?.start
    filter.until = until?.end
    filter.limit = limit
    guard let project, case .path(let path) = Location(project) else { return filter }
    do throws(FileError) {
      filter.project = path.hasPrefix("/") ? path : try currentDirectory() + "/" + path
    } catch {
      throw Ending(.usage, error.description)
    }
    return filter
  }
}

/// A day, a time or an age on the command line.
struct TimeArgument: ExpressibleByArgument {
  /// The beginning of the day, or the time.
  let start: Timestamp
  /// What comes after the day, or after the second.
  let end: Timestamp

  init?(argument: String) {
    if let age = Age(argument: argument) {
      let then = SystemClock.now.seconds - age.seconds
      self.init(from: then, to: then + 1)
    } else if let time = Timestamp(rfc3339: argument) {
      self.init(from: time.seconds, to: time.seconds + 1)
    } else if let midnight = Timestamp(rfc3339: argument + "T00:00:00Z") {
      self.init(from: Self.local(midnight.seconds), to: Self.local(midnight.seconds + 86_400))
    } else {
      return nil
    }
  }

  private init(from start: Int64, to end: Int64) {
    self.start = Timestamp(seconds: start, nanoseconds: 0)
    self.end = Timestamp(seconds: end, nanoseconds: 0)
  }

  /// When the clock on the wall here shows what another shows in UTC.
  private static func local(_ seconds: Int64) -> Int64 {
    let guess = seconds - Int64(SystemClock.localOffset(at: seconds))
    return seconds - Int64(SystemClock.localOffset(at: guess))
  }
}
