internal import ArgumentParser
internal import FileIO
internal import SessionFormats

/// The program: finds the command, runs it, and turns every ending into one line and an exit code.
@main
struct Carryover: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "carryover",
    abstract: "Moves AI chat and coding-agent sessions between tools, losing nothing silently.",
    discussion: """
      EXAMPLES:
        carryover list ggcode:                        sessions in ggcode's usual place
        carryover show ggcode: 20260301-090000        read one of them
        carryover convert ggcode: sessions.db --to term-llm
                                                      take all of them to term-llm
        carryover convert sessions.db back --to ggcode
                                                      and back, byte for byte

      A location is a path, or `tool:` for that tool's usual place, or `tool:ID` for one session \
      there, or `-` for a pipe.

      EXIT CODES: 0 done; 1 done, but errors, losses or differences were found; 2 wrong usage; \
      3 source not readable; 4 destination not written; 5 some sessions failed; 130 interrupted.
      """,
    version: "0.1.0",
    subcommands: [
      FormatsCommand.self, ListCommand.self, ShowCommand.self, ValidateCommand.self,
      ConvertCommand.self, DiffCommand.self, BackupCommand.self, VerifyCommand.self,
      RestoreCommand.self, VaultCommand.self, StoresCommand.self, SearchCommand.self,
      DeleteCommand.self, PruneCommand.self, StripCommand.self,
    ])

  /// The main thread only waits for signals; commands run beside it.
  static func main() {
    Signals.ignoreWriteSignals()
    Signals.wait {
      await runCommand()
    } handler: {
      SignalWatch.take($0)
    }
  }

  private static func runCommand() async -> Never {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      end(with: error)
    }
    exitProcess(0)
  }

  /// Ends the program with the message and exit code of an error.
  private static func end(with error: any Error) -> Never {
    if let ending = error as? Ending { ending.end() }
    guard exitCode(for: error) != .success else { exit(withError: error) }
    var text = fullMessage(for: error)
    if text.hasPrefix("Error: ") { text.removeFirst(7) }
    Ending(.usage, text).end()
  }
}
