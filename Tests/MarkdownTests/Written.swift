import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport

/// Sessions written to and read from files.
enum Written {
  /// Writes a session as the engine does; gives the numbers of entries that each entry reads as.
  @discardableResult
  static func write(
    _ head: SessionHead, _ entries: [Entry], format: any WritableSessionFormat = Markdown(),
    to path: String, options: WriteOptions = WriteOptions(isDurable: false)
  ) throws -> [Int] {
    let target = try format.target(at: path, options: options)
    let writer = try target.writer(for: head, id: head.id)
    var counts: [Int] = []
    for entry in entries { counts.append(try writer.write(entry)) }
    try writer.finishEntries()
    try writer.publish(header: nil)
    try target.publish()
    return counts
  }

  /// Converts a location as the program does.
  static func convert(
    _ source: String, _ format: any SessionFormat, to path: String,
    _ target: any WritableSessionFormat, carries: Bool = true
  ) async throws -> ConversionReport {
    var options = ConversionOptions()
    options.carries = carries
    return try await StoreConversion(
      from: format, at: source, to: target, at: path,
      writeOptions: WriteOptions(isDurable: false, carries: carries), options: options
    ).run()
  }

  /// A session as it reads.
  struct Session {
    var head: SessionHead
    var entries: [Entry]
    var findings: [Finding]
    /// The file that the entries come from.
    var path: String? {
      for entry in entries { if case .line(let path, _, _) = entry.place { return path } }
      return nil
    }

    var messages: [Message] {
      entries.compactMap { if case .message(let message) = $0.content { message } else { nil } }
    }

    var bytes: [UInt8] { entries.flatMap { $0.origin?.bytes ?? [] } }
  }

  /// Reads a session of a location, the first one unless it is named.
  static func read(
    _ path: String, id: String? = nil, format: any SessionFormat = Markdown()
  ) throws -> Session {
    let source = try format.open(path, options: ReadOptions())
    var name = id
    if name == nil { name = try source.sessions().first?.id }
    return try session(source, name ?? "")
  }

  /// Reads all sessions of a location.
  static func all(_ path: String, format: any SessionFormat) throws -> [Session] {
    let source = try format.open(path, options: ReadOptions())
    return try source.sessions().map { try session(source, $0.id) }
  }

  private static func session(_ source: any SessionSource, _ id: String) throws -> Session {
    let reader = try source.reader(for: id)
    var entries: [Entry] = []
    while let entry = try reader.next() { entries.append(entry) }
    guard try reader.next() == nil else { throw CocoaError(.featureUnsupported) }
    return Session(head: reader.head, entries: entries, findings: reader.findings)
  }
}

extension Entry {
  /// The entry as a converter makes one: without a record.
  var bare: Entry { Entry(content, isEffective: isEffective) }
}

extension [UInt8] {
  var text: String { String(decoding: self, as: UTF8.self) }
}
