import FileIO
import Foundation
import Testing

/// Processes that append to one session at the same time.
final class Writers {
  private var processes: [Process] = []

  init(_ kind: String, store: String, session: String, writers: Int, messages: Int) throws {
    let program = try #require(Self.program, "the helper program is not built")
    for writer in 0..<writers {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = [kind, store, session, "\(writer)", "\(messages)"]
      process.standardInput = FileHandle.nullDevice
      processes.append(process)
    }
    for process in processes { try process.run() }
  }

  private static let program: String? = {
    var places = [Bundle.main.bundleURL, URL(fileURLWithPath: CommandLine.arguments[0])]
    places += Bundle.allBundles.map(\.bundleURL)
    for place in places {
      var folder = place
      for _ in 0..<4 {
        folder.deleteLastPathComponent()
        let program = folder.appendingPathComponent("StoreWriter").path
        if let status = try? FileStatus(path: program), status.kind == .file { return program }
      }
    }
    return nil
  }()

  /// Kills one of them, by its own process number.
  func kill(_ writer: Int) {
    _ = Foundation.kill(processes[writer].processIdentifier, SIGKILL)
  }

  /// Waits for all; the writers that ended badly.
  func wait() -> Set<Int> {
    var failed: Set<Int> = []
    for (writer, process) in processes.enumerated() {
      process.waitUntilExit()
      if process.terminationReason != .exit || process.terminationStatus != 0 {
        failed.insert(writer)
      }
    }
    return failed
  }
}

/// The messages of each writer in the order of the session.
func messagesByWriter(_ texts: [String]) throws -> [Int: [Int]] {
  var found: [Int: [Int]] = [:]
  for text in texts {
    let words = text.split(separator: " ")
    #expect(words.count == 4, "\(text)")
    let writer = try #require(Int(words[1]))
    found[writer, default: []].append(try #require(Int(words[3])))
  }
  return found
}
