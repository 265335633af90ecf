import Archive
import FileIO
import Foundation
import TestSupport
import Testing

@Suite struct TarTests {
  /// The files of a bag in an archive.
  static func files(
    _ bytes: [UInt8], limits: ArchiveLimits = ArchiveLimits(), in folder: TemporaryFolder
  ) throws -> [String: [UInt8]] {
    let path = try folder.write(bytes, to: "archive.tar")
    let stream = try ArchiveStream(RandomAccessFile(path: path), limits: limits)
    let reader = BagArchiveReader(TarReader(stream, limits: limits))
    var files: [String: [UInt8]] = [:]
    while let file = try reader.next() {
      files[file.path] = try reader.readAll(limit: 1 << 20)
      #expect(files[file.path]?.count == Int(file.size))
    }
    return files
  }

  static let text = Array("text".utf8)

  @Test func `written entries read back, whatever the length of their names`() throws {
    let folder = try TemporaryFolder()
    var bytes: [UInt8] = []
    var expected: [String: [UInt8]] = [:]
    for length in [1, 50, 90, 99] {
      for depth in [1, 2] {
        let part = String(repeating: "n", count: length)
        let name = (0..<depth).map { "\(part)\($0)" }.joined(separator: "/")
        let content = [UInt8](repeating: UInt8(length), count: length * 13)
        bytes += TarWriter.header(name: "bag/" + name, size: UInt64(content.count))
        bytes += content + TarWriter.padding(after: UInt64(content.count))
        expected[name] = content
      }
    }
    #expect(try Self.files(bytes + TarWriter.end, in: folder) == expected)
  }

  @Test func `modes and times are those that tar gives to files`() throws {
    let folder = try TemporaryFolder()
    let times = [(0, 0), (1_700_000_000, 0), (1_700_000_000, 5), (1 << 33, 0), (-2, 500_000_000)]
    var bytes: [UInt8] = []
    for (number, (seconds, nanoseconds)) in times.enumerated() {
      bytes += TarWriter.header(
        name: "bag/\(number)", size: 4, mode: 0o640,
        modified: FileStatus.Time(seconds: Int64(seconds), nanoseconds: Int32(nanoseconds)))
      bytes += Self.text + TarWriter.padding(after: 4)
    }
    try folder.write(bytes + TarWriter.end, to: "archive.tar")
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/bin/sh")
    tar.arguments = ["-c", "tar xpf archive.tar"]
    tar.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    try tar.run()
    tar.waitUntilExit()
    for (number, (seconds, nanoseconds)) in times.enumerated() {
      let status = try #require(try FileStatus(path: folder.path("bag/\(number)")))
      #expect(status.permissions == 0o640)
      #expect(
        status.modified
          == FileStatus.Time(seconds: Int64(seconds), nanoseconds: Int32(nanoseconds)))
    }
  }

  @Test func `long names of GNU and sizes of pax are honoured`() throws {
    let folder = try TemporaryFolder()
    var tar = TarBuilder()
    tar.add("././@LongLink", Array("bag/data/long\u{0}".utf8), type: "L")
    tar.add("bag/data/lo", Self.text)
    tar.addPax([("mtime", "1.5"), ("path", "bag/data/pax"), ("size", "4")])
    tar.add("bag/other", Self.text)
    tar.addPax([("comment", "nothing")], type: "g")
    tar.add("./bag/plain", Self.text)
    tar.add("bag/data/", type: "5")
    #expect(
      try Self.files(tar.finished, in: folder).keys.sorted() == ["data/long", "data/pax", "plain"])
  }

  /// Archives that are refused, and why.
  struct Hostile: CustomTestStringConvertible, Sendable {
    var name: String
    var code: ArchiveError.Code
    var build: @Sendable (inout TarBuilder) -> Void
    var testDescription: String { name }
  }

  static let hostile: [Hostile] = [
    Hostile(name: "parent folder", code: .refusedName) { $0.add("bag/../x", text) },
    Hostile(name: "parent folder in the middle", code: .refusedName) {
      $0.add("bag/data/../../../x", text)
    },
    Hostile(name: "absolute", code: .refusedName) { $0.add("/etc/x", text) },
    Hostile(name: "drive letter", code: .refusedName) { $0.add("C:/x", text) },
    Hostile(name: "backslash", code: .refusedName) { $0.add(#"bag\..\x"#, text) },
    Hostile(name: "empty component", code: .refusedName) { $0.add("bag//x", text) },
    Hostile(name: "control character", code: .refusedName) { $0.add("bag/\u{7}", text) },
    Hostile(name: "device name", code: .refusedName) { $0.add("bag/nul.txt", text) },
    Hostile(name: "hidden", code: .refusedName) { $0.add("bag/.ssh", text) },
    Hostile(name: "pax traversal", code: .refusedName) {
      $0.addPax([("path", "bag/../../x")])
      $0.add("bag/x", text)
    },
    Hostile(name: "GNU traversal", code: .refusedName) {
      $0.add("././@LongLink", Array("../x\u{0}".utf8), type: "L")
      $0.add("bag/x", text)
    },
    Hostile(name: "global path", code: .refusedKind) {
      $0.addPax([("path", "bag/y")], type: "g")
      $0.add("bag/x", text)
    },
    Hostile(name: "symbolic link", code: .refusedKind) {
      $0.add("bag/data", type: "2", link: "/etc")
      $0.add("bag/data/passwd", text)
    },
    Hostile(name: "hard link", code: .refusedKind) {
      $0.add("bag/x", type: "1", link: "/etc/passwd")
    },
    Hostile(name: "character device", code: .refusedKind) { $0.add("bag/x", type: "3") },
    Hostile(name: "block device", code: .refusedKind) { $0.add("bag/x", type: "4") },
    Hostile(name: "pipe", code: .refusedKind) { $0.add("bag/x", type: "6") },
    Hostile(name: "contiguous", code: .refusedKind) { $0.add("bag/x", type: "7") },
    Hostile(name: "old sparse", code: .refusedKind) { $0.add("bag/x", type: "S") },
    Hostile(name: "pax sparse", code: .refusedKind) {
      $0.addPax([("GNU.sparse.major", "1")])
      $0.add("bag/x", text)
    },
    Hostile(name: "long link", code: .refusedKind) { $0.add("bag/x", text, type: "K") },
    Hostile(name: "duplicate", code: .duplicateName) {
      $0.add("bag/x", text)
      $0.add("bag/x", text)
    },
    Hostile(name: "case", code: .duplicateName) {
      $0.add("bag/x", text)
      $0.add("bag/X", text)
    },
    Hostile(name: "composed and decomposed", code: .refusedName) {
      $0.add("bag/\u{E9}", text)
      $0.add("bag/e\u{301}", text)
    },
    Hostile(name: "two roots", code: .refusedName) {
      $0.add("bag/x", text)
      $0.add("other/x", text)
    },
    Hostile(name: "no root", code: .refusedName) { $0.add("x", text) },
    Hostile(name: "size too large", code: .truncated) { $0.add("bag/x", text, size: 1 << 20) },
    Hostile(name: "size too small", code: .damaged) {
      $0.add("bag/x", [UInt8](repeating: 7, count: 2_000), size: 4)
    },
    Hostile(name: "size beyond the limit", code: .limit) { $0.add("bag/x", size: 1 << 32) },
    Hostile(name: "endless pax header", code: .limit) {
      $0.add("PaxHeaders/x", type: "x", size: 1 << 30)
    },
    Hostile(name: "damaged pax header", code: .damaged) {
      $0.add("PaxHeaders/x", Array("999 path=x\n".utf8), type: "x")
      $0.add("bag/x", text)
    },
    Hostile(name: "pax size that is no number", code: .damaged) {
      $0.addPax([("size", "-5")])
      $0.add("bag/x", text)
    },
    Hostile(name: "folder with content", code: .damaged) { $0.add("bag/x", text, type: "5") },
  ]

  @Test(arguments: hostile) func `hostile archives are refused`(hostile: Hostile) throws {
    let folder = try TemporaryFolder()
    var tar = TarBuilder()
    tar.add("bag/first", Self.text)
    hostile.build(&tar)
    let error = #expect(throws: ArchiveError.self) {
      try Self.files(tar.finished, in: folder)
    }
    #expect(error?.code == hostile.code, "\(error.map(\.description) ?? "")")
  }

  @Test func `an archive that ends at any block before its end is cut short`() throws {
    let folder = try TemporaryFolder()
    var tar = TarBuilder()
    tar.add("bag/first", [UInt8](repeating: 1, count: 700))
    tar.add("bag/second", Self.text)
    let whole = tar.finished
    for end in stride(from: 512, to: tar.bytes.count + 1, by: 512) {
      let error = #expect(throws: ArchiveError.self) {
        try Self.files(Array(whole.prefix(end)), in: folder)
      }
      #expect(error?.code == .truncated, "\(end)")
    }
  }

  @Test func `every flipped bit of a header is an error or changes nothing`() throws {
    let folder = try TemporaryFolder()
    var tar = TarBuilder()
    tar.add("bag/first", Self.text)
    for bit in 0..<(512 * 8) {
      var bytes = tar.finished
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      if let files = try? Self.files(bytes, in: folder) {
        #expect(files == ["first": Self.text], "bit \(bit)")
      }
    }
  }

  @Test func `limits on entries and ratio hold`() throws {
    let folder = try TemporaryFolder()
    var limits = ArchiveLimits()
    limits.entries = 5
    var tar = TarBuilder()
    for number in 0..<6 { tar.add("bag/\(number)") }
    let error = #expect(throws: ArchiveError.self) {
      try Self.files(tar.finished, limits: limits, in: folder)
    }
    #expect(error?.code == .limit)
  }
}
