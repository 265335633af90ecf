import Conversion
import FileIO
import Foundation
import GRDB
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// A session whose carry cannot be read is converted as it stands, and that is said.
@Suite struct DamagedCarryTests {
  static let targets = Registry.writable.map(\.info.id).filter { $0 != "ggcode" }

  /// What the header of a carry holds in every format, and what is put in its place.
  private static let member = Array("source_head".utf8)
  private static let other = Array("source_hEad".utf8)

  /// Changes a byte in the middle of each session's first chunk of carry.
  private static func spoilChunks(_ path: String, of format: String) throws -> Int {
    var count = 0
    for session in try open(format, path).sessions() {
      let carry = try open(format, path).reader(for: session.id).carry()
      guard var chunk = try carry?.nextStoredChunk() else { continue }
      // A database holds bytes, a file their Base64.
      if holdsRows(format) { chunk = try #require(CarryChunk.bytes(chunk)) }
      let place = chunk.count / 2
      let part = Array(chunk[(place - 8)..<(place + 8)])
      var other = part
      other[0] = other[0] == 0x41 ? 0x42 : 0x41
      count += try spoil(path, part, by: other)
    }
    return count
  }

  /// Spoils the headers of all carries in a store, and nothing else of it.
  static func spoil(_ path: String) throws -> Int { try spoil(path, member, by: other) }

  private static func spoil(_ path: String, _ member: [UInt8], by other: [UInt8]) throws -> Int {
    var count = 0
    for file in try Snapshot(path).files.keys {
      let place = file.isEmpty || file.hasPrefix("-") ? path + file : path + "/" + file
      var bytes = try readFile(place)
      var index = 0
      while index + member.count <= bytes.count {
        if bytes[index] == member[0], bytes[index...].starts(with: member) {
          bytes.replaceSubrange(index..<(index + member.count), with: other)
          count += 1
        }
        index += 1
      }
      try Data(bytes).write(to: URL(fileURLWithPath: place))
    }
    return count
  }

  @Test(arguments: targets)
  func `a carry that cannot be read is a finding`(in format: String) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("middle")
    let there = try await convert(Fixtures.root + "/ggcode/store", "ggcode", to: path, format)
    let written = there.sessions.count { $0.status == .written }
    // In a database an older state of a header may lie in free pages.
    #expect(try Self.spoil(path) >= written)

    let back = try await convert(path, format, to: folder.path("back"), "ggcode")
    #expect(back.sessions.count == written)
    for session in back.sessions {
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
      let said = session.findings.filter { $0.rule == "carry.unreadable" }
      #expect(said.map(\.severity) == [.warning], "\(session.source)")
    }
    // A copy cannot pass it on.
    let copy = try await convert(path, format, to: folder.path("copy"), format)
    for session in copy.sessions {
      #expect(session.findings.contains { $0.rule == "carry.unreadable" }, "\(session.source)")
    }
    let source = try open(format, path)
    try await StoreValidation(source).run(try source.sessions()) { session in
      #expect(session.findings.contains { $0.rule == "carry.unreadable" })
    }
  }

  @Test(arguments: targets)
  func `a carry without its header is a finding`(in format: String) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("middle")
    try await convert(Fixtures.root + "/ggcode/store", "ggcode", to: path, format)
    if holdsRows(format) {
      try await DatabaseQueue(path: path).write {
        try $0.execute(sql: "DELETE FROM carryover_origin WHERE chunk = -1")
      }
    } else {
      for name in try Snapshot(path).files.keys {
        let place = name.isEmpty ? path : path + "/" + name
        let lines = try readFile(place).split(separator: 0x0A, omittingEmptySubsequences: false)
        let kept = lines.filter { $0.firstRange(of: Self.member) == nil }
        try Data(kept.joined(separator: [0x0A])).write(to: URL(fileURLWithPath: place))
      }
    }
    let source = try open(format, path)
    try await StoreValidation(source).run(try source.sessions()) { session in
      #expect(
        session.findings.contains { $0.rule == "carry.unreadable" }, "\(session.session.id)")
    }
    let back = try await convert(path, format, to: folder.path("back"), "ggcode")
    for session in back.sessions {
      #expect(session.fidelity != .exact)
      #expect(session.findings.contains { $0.rule == "carry.unreadable" }, "\(session.source)")
    }
  }

  @Test(arguments: targets)
  func `an item of a carry that was changed is a finding, and converting again mends it`(
    in format: String
  ) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("middle")
    let store = Fixtures.root + "/ggcode/store"
    try await convert(store, "ggcode", to: path, format)
    #expect(try Self.spoilChunks(path, of: format) > 0)

    let back = try await convert(path, format, to: folder.path("back"), "ggcode")
    let damaged = back.sessions.filter { session in
      session.findings.contains { $0.rule == "carry.damaged" && $0.severity == .warning }
    }
    #expect(!damaged.isEmpty)
    for session in back.sessions {
      let isDamaged = damaged.contains { $0.source == session.source }
      // Without its item a record may still come out as it was.
      #expect(isDamaged || session.fidelity == .exact, "\(session.source)")
    }
    let names = damaged.map(\.source)
    let copy = try await convert(path, format, to: folder.path("copy"), format)
    for session in copy.sessions {
      let isDamaged = session.findings.contains { $0.rule == "carry.damaged" }
      #expect(isDamaged == names.contains(session.source))
      #expect(session.fidelity == (isDamaged ? .complete : .exact), "\(session.source)")
    }
    // As long as a database is open for reading, nothing is written to it.
    do {
      let source = try open(format, path)
      try await StoreValidation(source).run(try source.sessions()) { session in
        let isDamaged = session.findings.contains { $0.rule == "carry.damaged" }
        #expect(isDamaged == names.contains(session.session.id))
      }
    }
    let again = try await convert(store, "ggcode", to: path, format)
    for session in again.sessions {
      let isDamaged = names.contains(session.target ?? "")
      #expect(
        session.status == (isDamaged ? .written : .unchanged),
        "\(session.source): \(session.reason ?? "")")
    }
    let mended = try await convert(path, format, to: folder.path("mended"), "ggcode")
    #expect(mended.sessions.allSatisfy { $0.fidelity == .exact })
  }

  @Test(arguments: targets)
  func `converting again mends a carry that cannot be read`(in format: String) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("middle")
    let store = Fixtures.root + "/ggcode/store"
    try await convert(store, "ggcode", to: path, format)
    #expect(try Self.spoil(path) > 0)
    var options = ConversionOptions()
    // New rows get other numbers there, so it has to be asked for.
    if holdsRows(format) { options.onConflict = .replace }
    let again = try await convert(store, "ggcode", to: path, format, options: options)
    for session in again.sessions {
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
    }
    let back = try await convert(path, format, to: folder.path("back"), "ggcode")
    for session in back.sessions {
      #expect(session.fidelity == .exact, "\(session.source)")
      #expect(!session.findings.contains { $0.rule == "carry.unreadable" })
    }
  }
}
