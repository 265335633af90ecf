internal import ArgumentParser
internal import FileIO
internal import SessionCoding
internal import SessionFormats

/// A format named on the command line, `FORMAT` or `FORMAT@strict`.
struct FormatArgument: ExpressibleByArgument {
  let format: any SessionFormat

  private static let strict = "@strict"

  init?(argument: String) {
    let isStrict = argument.hasSuffix(Self.strict)
    let id = isStrict ? String(argument.dropLast(Self.strict.count)) : argument
    guard let format = Registry.format(id), let read = isStrict ? format.readStrictly : format
    else { return nil }
    self.format = read
  }

  var defaultValueDescription: String { format.info.id }
  static var allValueStrings: [String] {
    Registry.formats.flatMap { format in
      [format.info.id] + (format.readStrictly == nil ? [] : [format.info.id + strict])
    }
  }
  static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

/// How every command speaks.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON object (\"version\": 1) instead of text.")
  var json = false

  @Flag(help: "Print no report and no progress, only errors.")
  var quiet = false

  @Flag(help: "Use no colours, also on a terminal.")
  var noColor = false
}

/// The key of what is encrypted.
struct IdentityOption: ParsableArguments {
  @Option(help: "The file with the key of an encrypted bundle.", completion: .file())
  var identity: String?
}

/// For whom something is encrypted.
struct RecipientOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Encrypt with the program age, for this public key or those in this file; can be repeated.",
      valueName: "recipient"))
  var encrypt: [String] = []
}

/// A number of bytes, as `64M`.
struct SizeArgument: ExpressibleByArgument {
  let size: ByteSize

  init(_ bytes: Int) { size = ByteSize(bytes) }

  init?(argument: String) {
    guard let size = ByteSize(argument) else { return nil }
    self.size = size
  }

  var defaultValueDescription: String { size.description }
}

/// How much of a source is read.
struct LimitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Leave out records that are longer, and name each: a size as 64M or 1G.", valueName: "size"))
  var maxRecord = SizeArgument(ReadOptions().maximumRecordLength)

  /// The limits for reading.
  var readOptions: ReadOptions { ReadOptions(maximumRecordLength: maxRecord.size.bytes) }

  func validate() throws {
    if maxRecord.size.bytes < 1 << 10 {
      throw ValidationError("--max-record \(maxRecord.size) is out of range; give 1K or more")
    }
  }
}

/// What every command that reads sessions understands.
struct SourceOptions: ParsableArguments {
  @Option(
    help: """
      The format of the source; it is recognised when not given. FORMAT@strict reads exactly as the \
      tool itself does, mistakes included.
      """)
  var from: FormatArgument?

  @Option(
    name: .customLong("session"),
    help: "Only this session: its identifier or a unique beginning of it; can be repeated.")
  var sessions: [String] = []

  @OptionGroup var limits: LimitOptions

  @Option(help: "How many sessions to work on at the same time (default: one per core).")
  var jobs: Int?

  /// The number of sessions to work on at the same time.
  var jobCount: Int { jobs ?? processorCount() }

  func validate() throws {
    if let jobs, !(1...1_024).contains(jobs) {
      throw ValidationError("--jobs \(jobs) is out of range; give a number from 1 to 1024")
    }
  }
}
