internal import FileIO
public import SessionCoding

/// What becomes of everything that a format can hold when it is converted to each other one.
///
/// It is found out, not claimed: a sample session that holds everything is written in each format,
/// read there, converted to every other one, and the losses are read off the reports.
public struct CapabilityMatrix: Sendable {
  /// What becomes of something.
  public enum Outcome: String, Sendable, Hashable, CaseIterable {
    /// The target says the same.
    case exact
    /// The target says it in another way; the original is carried.
    case differs
    /// The target does not say it; the original is carried.
    case carried
    /// It is neither said nor carried.
    case lost
  }

  /// One conversion.
  public struct Column: Sendable {
    /// The target format, with the profile that was written.
    public var target: String
    /// The outcome of each row of the source.
    public var outcomes: [String: Outcome]
    /// The codes of losses that concern no row.
    public var others: [String]
    /// How faithful the conversion is as a whole.
    public var fidelity: Fidelity?
  }

  /// One source format.
  public struct Source: Sendable {
    /// The format's identifier.
    public var format: String
    /// What the sample states in this format, in the order of tables.
    public var rows: [String]
    /// The conversions to every other format.
    public var columns: [Column]
  }

  /// The tables, one per source format.
  public private(set) var sources: [Source] = []

  /// The session that is converted, as a canonical file.
  public static var sample: [UInt8] { CapabilitySample.canonical }

  /// Runs all conversions in a private folder.
  ///
  /// - Parameters:
  ///   - formats: The formats that take part.
  ///   - canonical: The format that the sample is in.
  /// - Throws: When a conversion fails as a whole.
  public init(
    _ formats: [any WritableSessionFormat], canonical: any WritableSessionFormat
  ) async throws(FormatError) {
    let folder: TemporaryDirectory
    let sample: String
    do throws(FileError) {
      folder = try TemporaryDirectory()
      sample = folder.path(of: "sample.session.jsonl")
      var file = try AtomicOutput(replacing: sample)
      try file.write(CapabilitySample.canonical)
      try file.commit(durable: false)
    } catch {
      throw FormatError(writing: error)
    }
    for format in formats {
      let id = format.info.id
      var path = sample
      if id != canonical.info.id {
        path = folder.path(of: "\(id).store")
        _ = try await Self.convert(canonical, sample, format, path, carries: false)
      }
      let stated = try Self.stated(format, path, nil)
      var source = Source(
        format: id, rows: Capability.all.map(\.name).filter { stated.contains($0) }, columns: [])
      for target in formats where target.info.id != id {
        let there = folder.path(of: "\(id)-\(target.info.id).store")
        let report = try await Self.convert(format, path, target, there, carries: true)
        source.columns.append(try Self.column(report, source.rows, target, there))
      }
      sources.append(source)
    }
  }

  private static func convert(
    _ source: any SessionFormat, _ path: String, _ target: any WritableSessionFormat,
    _ destination: String, carries: Bool
  ) async throws(FormatError) -> ConversionReport {
    var options = ConversionOptions()
    options.carries = carries
    let report = try await StoreConversion(
      from: source, at: path, to: target, at: destination,
      writeOptions: WriteOptions(isDurable: false), options: options
    ).run()
    guard let session = report.sessions.first, session.status == .written else {
      throw FormatError(
        .notExpressible,
        "\(source.info.id) to \(target.info.id): \(report.sessions.first?.reason ?? "no session")")
    }
    return report
  }

  /// What the only session of a store states.
  private static func stated(
    _ format: any SessionFormat, _ path: String, _ id: String?
  ) throws(FormatError) -> Set<String> {
    let source = try format.open(path, options: ReadOptions())
    var id = id
    if id == nil { id = try source.sessions().first?.id }
    guard let id else { return [] }
    return try StatedCapabilities(try source.reader(for: id)).names
  }

  private static func column(
    _ report: ConversionReport, _ rows: [String], _ target: any SessionFormat, _ path: String
  ) throws(FormatError) -> Column {
    let session = report.sessions[0]
    let stated = try stated(target, path, session.target)
    var column = Column(target: report.to, outcomes: [:], others: [], fidelity: session.fidelity)
    // What the target does not state went with something larger that has no place there.
    for row in rows { column.outcomes[row] = stated.contains(row) ? .exact : .carried }
    for loss in session.losses {
      guard
        let row = Capability.all.first(where: { $0.covers(loss.code) })?.name,
        rows.contains(row)
      else {
        column.others.append(loss.code)
        continue
      }
      if !loss.isCarried {
        column.outcomes[row] = .lost
      } else if column.outcomes[row] != .lost {
        column.outcomes[row] = stated.contains(row) ? .differs : .carried
      }
    }
    return column
  }
}
