import Conversion
import FileIO
import Foundation
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Everything of one session, read to its end.
struct WholeSession {
  var id: String
  var head: SessionHead
  var entries: [Entry]
  var findings: [Finding]

  /// The native records in order.
  var origins: [[UInt8]] { entries.map { Array($0.origin?.bytes ?? []) } }

  /// The native records one after the other.
  var bytes: [UInt8] { origins.flatMap(\.self) }

  /// The session as canonical records: the head, then the entries.
  var canonicalLines: [[UInt8]] {
    var writer = JSONWriter(reserving: 4_096)
    writer.beginObject()
    writer.field("record", "session")
    writer.field("version", CanonicalJSON.version)
    writer.key("head")
    CanonicalJSON.write(head, to: &writer)
    writer.endObject()
    var lines = [writer.bytes]
    for entry in entries {
      writer.removeAll()
      CanonicalJSON.write(entry, to: &writer)
      lines.append(writer.bytes)
    }
    return lines
  }

  var canonicalText: String {
    canonicalLines.map { String(decoding: $0, as: UTF8.self) + "\n" }.joined()
  }
}

extension SessionSource {
  func whole(_ id: String) throws -> WholeSession {
    let reader = try reader(for: id)
    var entries: [Entry] = []
    while let entry = try reader.next() { entries.append(entry) }
    #expect(try reader.next() == nil, "a reader that ended MUST stay at the end")
    return WholeSession(id: id, head: reader.head, entries: entries, findings: reader.findings)
  }

  func all() throws -> [WholeSession] { try sessions().map { try whole($0.id) } }
}

func open(
  _ format: String, _ path: String, options: ReadOptions = ReadOptions()
) throws -> any SessionSource {
  try #require(Registry.format(format)).open(path, options: options)
}

func writable(_ format: String) throws -> any WritableSessionFormat {
  try #require(Registry.format(format) as? any WritableSessionFormat)
}

@discardableResult
func convert(
  _ from: String, _ format: String, to: String, _ target: String,
  profile: String? = nil, options: ConversionOptions = ConversionOptions(),
  reading readOptions: ReadOptions = ReadOptions(),
  interruption: Interruption = Interruption(),
  progress: @escaping @Sendable (ConversionProgress) -> Void = { _ in }
) async throws -> ConversionReport {
  let source = try #require(Registry.format(format))
  return try await StoreConversion(
    from: source, at: from, to: try writable(target), at: to,
    writeOptions: WriteOptions(profile: profile, isDurable: false), options: options
  ).run(readOptions: readOptions, interruption: interruption, progress: progress)
}

extension ConversionOptions {
  static func with(_ change: (inout ConversionOptions) -> Void) -> ConversionOptions {
    var options = ConversionOptions()
    change(&options)
    return options
  }

  static let plain = with { $0.carries = false }
}

/// All files below a path: their bytes and when they last changed.
struct Snapshot: Equatable {
  struct File: Equatable {
    var bytes: [UInt8]
    var modified: FileStatus.Time
  }

  var files: [String: File] = [:]

  init(_ path: String) throws {
    guard let status = try FileStatus(path: path) else { return }
    guard status.kind == .directory else {
      // A database's companions stand beside it.
      for suffix in ["", "-wal", "-shm", "-journal"] {
        if let status = try FileStatus(path: path + suffix) {
          files[suffix] = File(bytes: try readFile(path + suffix), modified: status.modified)
        }
      }
      return
    }
    for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
      guard let status = try FileStatus(path: path + "/" + name), status.kind == .file else {
        continue
      }
      files[name] = File(bytes: try readFile(path + "/" + name), modified: status.modified)
    }
  }

  var contents: [String: [UInt8]] { files.mapValues(\.bytes) }

  /// The names of files that are in only one of two snapshots or differ in bytes.
  func difference(from other: Snapshot) -> [String] {
    Set(files.keys).union(other.files.keys).sorted().filter {
      files[$0]?.bytes != other.files[$0]?.bytes
    }
  }
}
