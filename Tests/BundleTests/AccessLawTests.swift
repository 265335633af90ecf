import Bundles
import Conversion
import FileIO
import Foundation
import GRDB
import JSONText
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// Nothing that grants access leaves its store: no conversion, copy, backup or restore writes it, and
/// what is left out is named.
@Suite struct AccessLawTests {
  static let secret = "opens-every-door-5b1e"

  /// Files that tools and people keep keys in, besides those that formats name.
  static let others = [
    "auth.json", ".credentials.json", "credentials.json", "keys.json", ".env", ".env.local",
    "Token.json", "id_ed25519",
  ]

  /// A store of each format with a secret in every table and file that its format names.
  struct Store {
    var format: any SessionFormat
    var path: String
    /// The tables with a secret.
    var tables: [String] = []

    init(_ id: String, in folder: TemporaryFolder) throws {
      format = try BundleSupport.format(id)
      if id == "term-llm" {
        path = try folder.write(readFile(BundleSupport.termLLM), to: "store.db")
        try fillTables()
        return
      }
      let cases = try FileManager.default.contentsOfDirectory(atPath: Fixtures.root + "/" + id)
        .filter { !$0.contains(".") }.sorted()
      let name = try #require(["store", "minimal"].first { cases.contains($0) } ?? cases.first)
      path = folder.path("store")
      var source = Fixtures.root + "/\(id)/\(name)"
      if name != "store" {
        let files = try FileManager.default.contentsOfDirectory(atPath: source)
        source += try "/" + #require(files.first { $0 == "input" || $0.hasPrefix("input.") })
      }
      if try FileStatus(path: source)?.kind == .directory {
        try FileManager.default.copyItem(atPath: source, toPath: path)
      } else {
        let file =
          id == "aider" ? ".aider.chat.history.md" : "s" + (source as NSString).lastPathComponent
        try folder.write(readFile(source), to: "store/" + file)
        if !format.recognizes(path) { path += "/" + file }
      }
      try writeKeys(in: folder)
    }

    /// Keys in all folders of the store, and in one beside each file that has the file's name, as tools
    /// keep what belongs to a session.
    private func writeKeys(in folder: TemporaryFolder) throws {
      var places: Set<String> = [""]
      let found = FileManager.default.enumerator(atPath: folder.path("store"))?.allObjects ?? []
      for case let file as String in found {
        let isFolder = try FileStatus(path: folder.path("store/" + file))?.kind == .directory
        places.insert("/" + (isFolder ? file : (file as NSString).deletingPathExtension))
      }
      for place in places where try FileStatus(path: folder.path("store" + place))?.kind != .file {
        for file in Set(AccessLawTests.others + format.info.neverCarried) {
          let path = "store\(place)/\(file)"
          guard try FileStatus(path: folder.path(path)) == nil else { continue }
          try folder.write(Array("{\"key\":\"\(AccessLawTests.secret)\"}".utf8), to: path)
        }
      }
    }

    /// A secret in every text of the tables that are named, and of others that look like them.
    private mutating func fillTables() throws {
      let queue = try DatabaseQueue(path: path)
      tables = try queue.write { database in
        try database.execute(
          sql: """
            CREATE TABLE oauth_sessions (id TEXT PRIMARY KEY, value TEXT);
            CREATE TABLE integrations (id TEXT PRIMARY KEY, api_key TEXT);
            INSERT INTO metadata VALUES ('push_secret', '\(AccessLawTests.secret)');
            """)
        let tables = format.info.neverCarried + ["oauth_sessions", "integrations"]
        for table in tables {
          let columns = try Row.fetchAll(database, sql: "PRAGMA table_info(\(table))")
            .filter { $0["type"] == "TEXT" }.map { $0["name"] as String }
          try database.execute(
            sql: """
              INSERT INTO \(table) (\(columns.joined(separator: ", ")))
              VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
              """, arguments: StatementArguments(columns.map { "\(AccessLawTests.secret) \($0)" }))
        }
        return tables
      }
      try queue.close()
    }
  }

  static let formats = Registry.formats.map(\.info.id)

  /// Looks at every file below a folder, in bundles at what is packed in them.
  func expectNoSecret(_ support: BundleSupport, _ name: String, _ what: String) throws {
    let folder = support.folder
    let root = folder.path(name)
    var files = FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? []
    if try FileStatus(path: root)?.kind == .file { files = [""] }
    for file in files {
      let path = file.isEmpty ? root : root + "/" + file
      guard try FileStatus(path: path)?.kind == .file else { continue }
      var bytes = try readFile(path)
      if bytes.starts(with: [0x1F, 0x8B]) {
        #expect(try support.run("gzip -dc '\(path)' > unpacked").code == 0)
        bytes = try readFile(folder.path("unpacked"))
      }
      for spelling in [Array(Self.secret.utf8), Array(Data(Self.secret.utf8).base64EncodedData())] {
        let isFound = bytes.firstRange(of: spelling) != nil
        #expect(!isFound, "\(what): \(file)")
      }
    }
  }

  func convert(_ from: String, _ format: String, to: String, _ target: String) async throws
    -> ConversionReport
  {
    try await StoreConversion(
      from: BundleSupport.format(format), at: from,
      to: #require(Registry.format(target) as? any WritableSessionFormat), at: to,
      writeOptions: WriteOptions(isDurable: false)
    ).run()
  }

  func expectNamed(_ omissions: [Omission], _ store: Store, _ what: String) {
    for table in store.tables {
      let isNamed = omissions.contains { $0.name == table || $0.name.hasPrefix(table + ".") }
      #expect(isNamed, "\(what): \(table) among \(omissions)")
    }
  }

  @Test(arguments: formats, Registry.writable.map(\.info.id))
  func `no conversion or copy writes what grants access`(
    _ id: String, to target: String
  ) async throws {
    let support = try BundleSupport()
    let folder = support.folder
    let store = try Store(id, in: folder)
    let there = try await convert(store.path, id, to: folder.path("there"), target)
    #expect(there.sessions.contains { $0.status == .written })
    try expectNoSecret(support, "there", "\(id) to \(target)")
    expectNamed(there.omissions, store, "\(id) to \(target)")
    let json = String(decoding: there.json, as: UTF8.self)
    for omission in there.omissions { #expect(json.contains("\"name\":\"\(omission.name)\"")) }
    // On to a third format, and back.
    for (number, next) in ["canonical", "ggcode", target, id].enumerated() {
      guard Registry.writable.contains(where: { $0.info.id == next }) else { continue }
      _ = try await convert(folder.path("there"), target, to: folder.path("on-\(number)"), next)
      try expectNoSecret(support, "on-\(number)", "\(id) to \(target) to \(next)")
    }
  }

  @Test(arguments: formats)
  func `no bundle holds what grants access, and none is restored`(_ id: String) async throws {
    let support = try BundleSupport()
    let store = try Store(id, in: support.folder)
    let source = try BundleSupport.source(id, store.path)
    for bundle in ["bundle.tar.gz", "vault"] {
      let report = try await support.backup([source], bundle) {
        $0.canonical = try BundleSupport.format("canonical") as? any WritableSessionFormat
      }
      expectNamed(report.omissions, store, bundle)
      let isFolder = try FileStatus(path: store.path)?.kind == .directory
      if isFolder, !store.format.info.holdsRows {
        for name in Self.others {
          #expect(
            report.omissions.contains { $0.name == name && $0.count > 0 }, "\(bundle): \(name)")
        }
      }
      try expectNoSecret(support, bundle, bundle)
      try await support.restore(bundle, "restored-" + bundle)
      try expectNoSecret(support, "restored-" + bundle, "restored from \(bundle)")
    }
  }

  @Test func `what lies in a session's own folder is told where single sessions are taken`()
    async throws
  {
    let support = try BundleSupport()
    let store = try Store("claude-code", in: support.folder)
    let source = try store.format.open(store.path, options: ReadOptions())
    let sessions = try source.list().map(\.id)
    for id in sessions {
      var backup = try BundleSupport.source("claude-code", store.path)
      backup.sessions = [id]
      let report = try await support.backup([backup], "\(id).tar.gz")
      #expect(report.omissions.contains { $0.name == ".env" }, "\(id): \(report.omissions)")
      try expectNoSecret(support, "\(id).tar.gz", id)
    }
    let copy = try await convert(
      store.path, "claude-code", to: support.folder.path("copy"), "claude-code")
    try expectNoSecret(support, "copy", "copy")
    let isNamed = copy.sessions.flatMap(\.findings).contains {
      $0.rule == "copy.side-file" && $0.message.contains("grants access")
    }
    #expect(isNamed)
  }

  @Test(arguments: [
    ("auth.json", true), ("AUTH.JSON", true), (".env", true), (".env.production", true),
    (".env.example", false), ("id_rsa", true), ("id_rsa.pub", false), ("session.json", false),
    ("environment.json", false), ("auth.jsonl", false),
  ])
  func `names of files tell what grants access`(name: String, isAccess: Bool) throws {
    for format in Registry.formats where !format.info.neverCarried.contains(name) {
      #expect(format.info.grantsAccess(file: name) == isAccess)
    }
  }

  /// What conversions keep of a store may come from anybody.
  @Test(arguments: Registry.writable.map(\.info.id).filter { $0 != "term-llm" })
  func `what was carried before is not handed on`(_ format: String) async throws {
    let support = try BundleSupport()
    let folder = support.folder
    let there = folder.path("there")
    _ = try await convert(BundleSupport.termLLM, "term-llm", to: there, format)
    let kept = [
      """
      {"table":"push_subscriptions","id":"1","endpoint":"\(Self.secret)","key_p256dh":"p",\
      "key_auth":"a"}\n
      """, "{\"table\":\"metadata\",\"key\":\"k\",\"value\":\"v\"}\n",
    ].map { Array($0.utf8) }
    let target = try #require(Registry.format(format) as? any WritableSessionFormat)
      .target(at: there, options: WriteOptions(isDurable: false))
    try target.carryStoreRecords(kept, of: "term-llm")
    try target.publish()
    // The trap is set.
    let isThere = try support.files("there").values.contains {
      $0.firstRange(of: Array(Self.secret.utf8)) != nil
    }
    #expect(isThere)
    for next in [format, "term-llm"] {
      let report = try await convert(there, format, to: folder.path("to-\(next)"), next)
      try expectNoSecret(support, "to-\(next)", "\(format) to \(next)")
      #expect(report.omissions.map(\.name) == ["push_subscriptions"])
    }
    let report = try await support.backup([try BundleSupport.source(format, there)], "all.tar.gz")
    #expect(report.omissions.map(\.name) == ["push_subscriptions"])
    try expectNoSecret(support, "all.tar.gz", "backup")
  }

  @Test func `records of a format that nobody knows are not handed on`() async throws {
    let support = try BundleSupport()
    let folder = support.folder
    let there = folder.path("there")
    _ = try await convert(BundleSupport.ggcode, "ggcode", to: there, "canonical")
    try folder.write(
      Array("{\"version\":1,\"from\":\"unheard-of\",\"records\":[\"\(Self.secret)\"]}".utf8),
      to: "there/carryover-store.json")
    let report = try await convert(there, "canonical", to: folder.path("copy"), "canonical")
    try expectNoSecret(support, "copy", "copy")
    #expect(report.omissions == [Omission(format: "unheard-of", name: "records", count: 1)])
  }
}
