import FileIO
import Foundation
import TestSupport
import Testing

/// A run of the built program.
struct CommandLineRun {
  var output: String
  var errors: String
  var code: Int32
  /// Whether it hung: the watchdog killed it.
  var isKilled: Bool

  /// The folder in which the program was built, beside the tests.
  static let productFolder: String? = {
    var places = [Bundle.main.bundleURL, URL(fileURLWithPath: CommandLine.arguments[0])]
    places += Bundle.allBundles.map(\.bundleURL)
    for place in places {
      var folder = place
      for _ in 0..<4 {
        folder.deleteLastPathComponent()
        let program = folder.appendingPathComponent("carryover").path
        if let status = try? FileStatus(path: program), status.kind == .file {
          return folder.path
        }
      }
    }
    return nil
  }()

  /// Starts a shell command in a folder, with the program on the path and a home of its own.
  static func start(
    _ command: String, in folder: String, output: Any, errors: Any
  ) throws -> Process {
    let products = try #require(productFolder, "the program is not built")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = [
      "PATH": products + ":/usr/local/bin:/usr/bin:/bin", "HOME": folder + "/home",
      "TMPDIR": folder + "/tmp", "LC_ALL": "C.UTF-8",
    ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    for name in ["home", "tmp"] {
      try FileManager.default.createDirectory(
        atPath: folder + "/" + name, withIntermediateDirectories: true)
    }
    try process.run()
    return process
  }

  /// Kills a process that will never end, so that it fails its test and not the whole suite.
  ///
  /// What the shell starts must be its last command, begun with `exec`, to be killed with it.
  private static func watch(_ process: Process) -> DispatchWorkItem {
    let number = process.processIdentifier
    let watchdog = DispatchWorkItem { kill(number, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + 120, execute: watchdog)
    return watchdog
  }

  /// Runs a shell command to its end.
  init(_ command: String, in folder: String) throws {
    // Files, not pipes: nothing has to be read while the program runs.
    let id = UUID().uuidString
    let (outPath, errPath) = (folder + "/.out-\(id)", folder + "/.err-\(id)")
    defer {
      try? FileManager.default.removeItem(atPath: outPath)
      try? FileManager.default.removeItem(atPath: errPath)
    }
    for path in [outPath, errPath] {
      try Data().write(to: URL(fileURLWithPath: path))
    }
    let out = try #require(FileHandle(forWritingAtPath: outPath))
    let err = try #require(FileHandle(forWritingAtPath: errPath))
    let process = try Self.start(command, in: folder, output: out, errors: err)
    let watchdog = Self.watch(process)
    process.waitUntilExit()
    watchdog.cancel()
    isKilled = process.terminationReason == .uncaughtSignal
    try out.close()
    try err.close()
    output = String(decoding: try Data(contentsOf: URL(fileURLWithPath: outPath)), as: UTF8.self)
    errors = String(decoding: try Data(contentsOf: URL(fileURLWithPath: errPath)), as: UTF8.self)
    code = process.terminationStatus
  }
}

extension TemporaryFolder {
  /// A copy of the sample ggcode store, named `store`.
  static func withStore() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(
      atPath: Fixtures.root + "/ggcode/store", toPath: folder.path("store"))
    return folder
  }

  /// Every file below the folder with its bytes, `tmp` and `home` included.
  func files(_ name: String = "") throws -> [String: Data] {
    var found: [String: Data] = [:]
    let root = name.isEmpty ? path : path(name)
    for file in FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? [] {
      if try FileStatus(path: root + "/" + file)?.kind == .file {
        found[file] = try Data(contentsOf: URL(fileURLWithPath: root + "/" + file))
      }
    }
    return found
  }

  /// Whether an unfinished file of the program lies anywhere.
  func hasStrays() throws -> Bool {
    let all = FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []
    return all.contains { $0.hasSuffix(".carryover-tmp") || $0.contains(".carryover-tmp/") }
  }
}
