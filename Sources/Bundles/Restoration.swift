internal import Archive
public import Conversion
internal import FileIO
public import SessionCoding
internal import SessionModel

/// Restores sessions of a bundle: byte for byte in their own format, else converted.
public struct Restoration: Sendable {
  /// The bundle.
  public var bundle: String
  /// Where the sessions go.
  public var destination: String
  /// All formats that are known.
  public var formats: [any SessionFormat]
  /// The switches.
  public var options: RestoreOptions

  /// Creates a restoration.
  public init(
    of bundle: String, to destination: String, formats: [any SessionFormat],
    options: RestoreOptions = RestoreOptions()
  ) {
    self.bundle = bundle
    self.destination = destination
    self.formats = formats
    self.options = options
  }

  /// Sessions of one original store.
  struct Group {
    var tool: String
    var entries: [BundleEntry]
    /// The sessions that were asked for; others come along because they hold files of these.
    var selected: Set<String> = []
    var record: BundleEntry?
  }

  /// Runs the restoration.
  ///
  /// Everything is unpacked to a private folder and checked there first; nothing of an archive that
  /// breaks the rules reaches the destination.
  ///
  /// - Throws: When the bundle cannot be read or the destination not be written; failures of single
  ///   sessions are in the report.
  public func run(
    interruption: Interruption = Interruption(),
    progress: @escaping @Sendable (ConversionProgress) -> Void = { _ in }
  ) async throws(FormatError) -> RestorationReport {
    let opened = try Bundle(
      bundle, snapshot: options.snapshot, identity: options.identity)
    guard !opened.entries.isEmpty else { throw FormatError(withoutEntries: opened) }
    let groups = try groups(of: opened)
    let needed = groups.flatMap { $0.entries + ($0.record.map { [$0] } ?? []) }
    let series = try BundleSeries(
      opened, bases: options.bases, needed: needed, identity: options.identity)
    let place = Self.withoutSlash(destination)
    try checkRoom(for: groups, at: place)
    if options.isDryRun {
      let stage = try writing { () throws(FileError) in try TemporaryDirectory() }
      return try await restore(groups, series, to: place, stage: stage.path, interruption, progress)
    }
    try writing { () throws(FileError) in
      if let slash = place.lastIndex(of: "/"), slash > place.startIndex {
        try createDirectory(String(place[..<slash]))
      }
    }
    let stage = try writing { () throws(FileError) in try StagedDirectory(nextTo: place) }
    return try await restore(groups, series, to: place, stage: stage.path, interruption, progress)
  }

  private func restore(
    _ groups: [Group], _ series: BundleSeries, to place: String, stage: String,
    _ interruption: Interruption, _ progress: @escaping @Sendable (ConversionProgress) -> Void
  ) async throws(FormatError) -> RestorationReport {
    var groups = groups
    var present: [[SessionReport]] = []
    for (index, folder) in folders(of: groups, place).enumerated() {
      present.append(try takePresent(from: &groups[index], at: folder, interruption))
    }
    let needed = groups.flatMap { $0.entries + ($0.record.map { [$0] } ?? []) }
    var staged: [String: StagedSession] = [:]
    for (bundle, entries) in series.grouped(needed) {
      try interruption.check()
      var unpacking = SessionUnpacking(into: stage + "/raw-\(staged.count)")
      for session in try unpacking.unpack(entries, of: bundle) {
        staged[session.entry.path] = session
      }
    }
    var report = RestorationReport()
    let places = try destinations(of: groups, staged, place)
    for (index, group) in groups.enumerated() {
      try interruption.check()
      do throws(FormatError) {
        let folder = stage + "/store-\(index)"
        report.stores.append(
          options.isDryRun
            ? try await preview(
              group, staged, to: places[index], stage: folder, interruption, progress)
            : try await restore(
              group, staged, to: places[index], stage: folder, interruption, progress))
      } catch  where groups.count > 1 && error.code != .interrupted && !error.concernsAll {
        // The stores do not depend on each other.
        report.stores.append(
          RestorationReport.Store(
            tool: group.tool, destination: places[index],
            report: ConversionReport(
              from: group.tool, to: options.format?.info.id ?? group.tool,
              sessions: group.entries.compactMap { staged[$0.path] }.map {
                SessionReport(failed: $0, error)
              })))
      }
      let last = report.stores.count - 1
      report.stores[last].report.sessions = present[index] + report.stores[last].report.sessions
    }
    return report
  }

  private static func withoutSlash(_ path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }

  /// Refuses several sessions for a place that holds one.
  private func checkRoom(for groups: [Group], at place: String) throws(FormatError) {
    let count = groups.reduce(0) { $0 + $1.selected.count }
    // Several stores go into a folder, unless a format makes one of all.
    guard count > 1, options.format != nil || groups.count == 1 else { return }
    let own = formats.first { $0.info.id == groups[0].tool } as? any WritableSessionFormat
    guard let format = options.format ?? own, format.holdsOneSession(at: place) else { return }
    throw FormatError(severalSessions: count, at: place)
  }

  // MARK: What is restored

  private func groups(of bundle: Bundle) throws(FormatError) -> [Group] {
    let current = bundle.current.filter { options.tool == nil || $0.tool == options.tool }
    let sessions = current.filter { $0.kind == .session }
    let selected = try SessionSelection(options.sessions).select(
      from: sessions.map { SessionSummary(id: $0.sourceID, path: $0.path) })
    let wanted = Set(selected.map(\.path))
    let passed = options.filter.select(
      from: sessions.filter { wanted.contains($0.path) }, updated: \.time, workspace: \.workspace)
    let paths = Set(passed.map(\.path))
    var groups: [String: Group] = [:]
    var others: [String: [BundleEntry]] = [:]
    for entry in sessions {
      let key = entry.tool + "\n" + entry.store
      guard paths.contains(entry.path) else {
        others[key, default: []].append(entry)
        continue
      }
      groups[key, default: Group(tool: entry.tool, entries: [])].entries.append(entry)
      groups[key]?.selected.insert(entry.sourceID)
    }
    for key in groups.keys {
      Self.addHolders(to: &groups[key], from: others[key] ?? [])
    }
    for entry in current where entry.kind == .store {
      let key = entry.tool + "\n" + entry.store
      // Of a store without sessions there may be a list of them all the same.
      if options.isWhole || groups[key] != nil {
        groups[key, default: Group(tool: entry.tool, entries: [])].record = entry
      }
    }
    return groups.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Adds the sessions that hold files of those in a group.
  private static func addHolders(to group: inout Group?, from others: [BundleEntry]) {
    guard group != nil, !others.isEmpty else { return }
    var known = Set(group?.entries.map(\.sourceID) ?? [])
    var wanted = group?.entries.flatMap(\.holders) ?? []
    let byID = Dictionary(others.map { ($0.sourceID, $0) }) { first, _ in first }
    while let id = wanted.popLast() {
      guard known.insert(id).inserted, let entry = byID[id] else { continue }
      group?.entries.append(entry)
      wanted += entry.holders
    }
  }

  /// One destination for all when they become one store, else a place in it for each.
  private func destinations(
    of groups: [Group], _ staged: [String: StagedSession], _ place: String
  ) throws(FormatError) -> [String] {
    let folders = folders(of: groups, place)
    if options.format != nil || groups.count <= 1 { return folders }
    var places: [String] = []
    for (group, folder) in zip(groups, folders) {
      var path = folder
      let isWritten = formats.contains {
        $0.info.id == group.tool && $0 is any WritableSessionFormat
      }
      let isFile = isWritten && group.entries.contains { staged[$0.path]?.note.how == "rows" }
      if !options.isDryRun {
        try writing { () throws(FileError) in try createDirectory(isFile ? path : place) }
      }
      if isFile {
        let original = group.entries.lazy.compactMap { staged[$0.path]?.note.store }.first
        let name = original?.split(separator: "/").last.map(String.init) ?? group.tool
        path += "/" + (BagPath.isComponent(name) ? name : group.tool)
      }
      places.append(path)
    }
    return places
  }

  /// The folder of each store, which is the destination itself when there is only one.
  private func folders(of groups: [Group], _ place: String) -> [String] {
    if options.format != nil || groups.count <= 1 { return groups.map { _ in place } }
    var taken: Set<String> = []
    return groups.map { group in
      var folder = group.tool
      var number = 2
      while !taken.insert(folder).inserted {
        folder = "\(group.tool)-\(number)"
        number += 1
      }
      return place + "/" + folder
    }
  }

  // MARK: Restoring

  func restore(
    _ group: Group, _ staged: [String: StagedSession], to place: String, stage: String,
    _ interruption: Interruption, _ progress: @escaping @Sendable (ConversionProgress) -> Void
  ) async throws(FormatError) -> RestorationReport.Store {
    let sessions = group.entries.compactMap { staged[$0.path] }
    let format = formats.first { $0.info.id == group.tool }
    let target = options.format?.info.id ?? group.tool
    guard let format else {
      let restored =
        options.format == nil
        ? try OriginalsRestoration(place: place).run(sessions)
        : sessions.map { session in
          var report = SessionReport(source: session.note.id, status: .failed)
          report.reason = "the format \(group.tool) is not known here, so it cannot be converted"
          return report
        }
      return RestorationReport.Store(
        tool: group.tool, destination: place,
        report: ConversionReport(from: group.tool, to: target, sessions: restored))
    }
    let record = group.record.flatMap { staged[$0.path] }
    var report = ConversionReport(from: group.tool, to: target)
    // A vault of an earlier version may hold rows of what are files now.
    let parts = [
      sessions.filter { $0.note.how != "rows" }, sessions.filter { $0.note.how == "rows" },
    ]
    for (index, part) in parts.enumerated() where !part.isEmpty || index == 0 && sessions.isEmpty {
      let isRows = index == 1
      let store = try StagedStore(
        part, record: isRows && (!options.isWhole || !parts[0].isEmpty) ? nil : record,
        format: format, formats: formats, folder: stage + (isRows ? "-rows" : ""))
      let restored = try await restore(store, group, format, to: place, interruption, progress)
      report.sessions += restored.sessions
      report.storeFindings += restored.storeFindings
      report.omissions += restored.omissions
      report.to = restored.to
    }
    return RestorationReport.Store(tool: group.tool, destination: place, report: report)
  }

  private func restore(
    _ store: StagedStore, _ group: Group, _ format: any SessionFormat, to place: String,
    _ interruption: Interruption, _ progress: @escaping @Sendable (ConversionProgress) -> Void
  ) async throws(FormatError) -> ConversionReport {
    let target = options.format?.info.id ?? group.tool
    var report = ConversionReport(from: group.tool, to: target)
    // Originals that sessions carry are within their files; only writing them anew leaves these out.
    let isAsItWas =
      options.mappedPaths.isEmpty
      && (options.carries || !(format is any WritableSessionFormat))
    if target == group.tool, options.profile == nil, isAsItWas {
      report.sessions = try await restoreSame(
        store, group, format, to: place, interruption, progress)
    } else {
      report = try await convert(
        store, format, to: place, only: group.selected, interruption, progress)
    }
    report.omissions += store.omissions
    report.storeFindings += store.findings
    for failure in store.failures {
      let isOlder = store.superseded.contains(failure.id)
      var session = SessionReport(source: failure.id, status: isOlder ? .skipped : .failed)
      session.reason = failure.reason
      report.sessions.append(session)
    }
    for index in report.sessions.indices where report.sessions[index].status == .written {
      let id = report.sessions[index].source
      let isMoved = store.movedCarries.contains(id) || store.unreadableCarries.contains(id)
      if isMoved, report.sessions[index].fidelity == .exact {
        report.sessions[index].fidelity = .complete
      }
      if store.unreadableCarries.contains(id) {
        let finding = Finding.unreadableCarry
        if !report.sessions[index].findings.contains(where: { $0.rule == finding.rule }) {
          report.sessions[index].findings.append(finding)
        }
      }
      guard let count = store.changedRows[id] else { continue }
      report.sessions[index].losses.append(
        Loss(
          code: "record.bytes", place: store.tool, count: count,
          detail: "rows are of an older schema and were written in a newer one", isCarried: false))
    }
    return report
  }

  /// The same format: files move to their places, a new database too; else it is a conversion.
  private func restoreSame(
    _ store: StagedStore, _ group: Group, _ format: any SessionFormat, to place: String,
    _ interruption: Interruption, _ progress: @escaping @Sendable (ConversionProgress) -> Void
  ) async throws(FormatError) -> [SessionReport] {
    if store.sessions.isEmpty, store.storeFiles.isEmpty { return [] }
    let status = try reading { () throws(FileError) in try FileStatus(path: place) }
    if store.isOfFiles {
      let isFolder = status.map { $0.kind == .directory } ?? !store.isFile(place)
      if isFolder, status != nil {
        return try await placeFiles(of: store, group, format, in: place, interruption, progress)
      }
      if isFolder {
        // A store that is not there yet appears as a whole.
        let whole = store.path + "-placed"
        let reports = try await placeFiles(
          of: store, group, format, in: whole, interruption, progress)
        guard reports.contains(where: { $0.status == .written }) || !store.storeFiles.isEmpty else {
          return reports
        }
        try writing { () throws(FileError) in
          if options.isDurable { try synchronize(whole) }
          try renameFileIfAbsent(whole, to: place)
        }
        return reports
      }
      if status == nil, let file = store.onlyFile {
        return try placeFile(file, of: store, at: place)
      }
    } else if status == nil {
      try writing { () throws(FileError) in
        if options.isDurable { try synchronize(store.path) }
        try renameFileIfAbsent(store.path, to: place)
      }
      return store.sessions.map { session in
        var report = SessionReport(source: session.note.id, status: .written)
        report.target = session.note.id
        report.fidelity = store.changedRows[session.note.id] == nil ? .exact : .complete
        report.byteCount = session.entry.bytes
        return report
      }
    }
    return try await convert(
      store, format, to: place, only: group.selected, interruption, progress
    ).sessions
  }

  /// A store of one file goes where the destination says.
  private func placeFile(
    _ file: FilePlacing.File, of store: StagedStore, at place: String
  ) throws(FormatError) -> [SessionReport] {
    var placing = FilePlacing(to: Self.folder(of: place), isDurable: options.isDurable)
    var target = file
    target.place = place.split(separator: "/").last.map(String.init) ?? place
    var reports: [SessionReport] = []
    for session in store.sessions { reports.append(try placing.place(session, [target])) }
    return reports
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private func placeFiles(
    of store: StagedStore, _ group: Group, _ format: any SessionFormat, in place: String,
    _ interruption: Interruption, _ progress: @escaping @Sendable (ConversionProgress) -> Void
  ) async throws(FormatError) -> [SessionReport] {
    try writing { () throws(FileError) in try createDirectory(place) }
    var placing = FilePlacing(to: place, isDurable: options.isDurable)
    let shared = store.sharedPlaces
    var present = PresentSessions(at: place, format)
    var reports: [SessionReport] = []
    var conflicts: Set<String> = []
    let stated = try store.statedPlaces(options.readOptions)
    for session in store.sessions {
      try interruption.check()
      let files = store.files(of: session)
      if let stray = files.first(where: { !stated.contains(ExactPath($0.place)) }) {
        reports.append(SessionReport(failed: session, Self.refusal(of: stray.place, format)))
        continue
      }
      let replaceable =
        options.onConflict == .replace
        ? Set(files.map { ExactPath($0.place) }).subtracting(shared) : []
      let report: SessionReport
      do throws(FormatError) {
        if let moved = try present.report(session, files) {
          report = moved
        } else {
          report = try placing.place(session, files, replacing: replaceable)
        }
      } catch  where !error.concernsAll && canAddFiles(to: place) {
        report = SessionReport(failed: session, error)
      }
      if report.status == .skipped, options.onConflict != .skip {
        conflicts.insert(session.note.id)
      } else {
        reports.append(report)
      }
    }
    if !conflicts.isEmpty {
      reports += try await convert(
        store, format, to: place, only: conflicts, interruption, progress
      ).sessions
    }
    let storeFiles = StoreFilePlacing(
      store: store, stated: stated, destination: place, isWhole: options.isWhole,
      isDurable: options.isDurable)
    try storeFiles.run(hasNews: reports.contains { $0.status == .written })
    return reports
  }

  /// A bundle could otherwise put anything into a home, such as settings by which a tool runs programs.
  private static func refusal(of place: String, _ format: any SessionFormat) -> FormatError {
    FormatError(
      .damaged,
      "the bundle has a file at \(place), where \(format.info.name) keeps none of a session",
      advice: "nothing of the session was written; the bundle may be forged")
  }

  private func convert(
    _ store: StagedStore, _ format: any SessionFormat, to place: String, only wanted: Set<String>,
    _ interruption: Interruption, _ progress: @escaping @Sendable (ConversionProgress) -> Void
  ) async throws(FormatError) -> ConversionReport {
    guard let target = options.format ?? (format as? any RestorableSessionFormat) else {
      throw FormatError(
        .notWritable, "\(format.info.id) is read, but not written", at: .file(path: place),
        advice: "restore to a folder, or to another format with --to")
    }
    let sessions = store.sessions.filter { wanted.contains($0.note.id) }
    guard !sessions.isEmpty else {
      return ConversionReport(from: format.info.id, to: target.info.id)
    }
    var names: [String: String] = [:]
    if store.isOfFiles {
      let source = try format.open(store.location, options: options.readOptions)
      names = try store.identifiers(in: source)
    }
    var conversion = ConversionOptions()
    // Whole stores take what belongs to no session along; what failed is not in the staged one.
    let isWhole = options.isWhole && sessions.count == store.sessions.count
    let ids = sessions.map { names[$0.note.id] ?? $0.note.id }
    conversion.sessions = isWhole ? [] : ids
    conversion.onConflict = options.onConflict
    conversion.carries = options.carries
    conversion.jobs = options.jobs
    conversion.formats = formats
    conversion.mappedPaths = options.mappedPaths
    var report = try await StoreConversion(
      from: format, at: store.location, to: target, at: place,
      writeOptions: WriteOptions(profile: options.profile, isDurable: options.isDurable),
      options: conversion
    ).run(readOptions: options.readOptions, interruption: interruption, progress: progress)
    let original = Dictionary(names.map { ($1, $0) }) { first, _ in first }
    for index in report.sessions.indices {
      let id = report.sessions[index].source
      report.sessions[index].source = original[id] ?? id
    }
    let seen = Set(report.sessions.map(\.source))
    for session in sessions where !seen.contains(session.note.id) {
      var missing = SessionReport(source: session.note.id, status: .failed)
      missing.byteCount = session.entry.bytes
      missing.reason =
        "\(format.info.id) does not find it among the restored files; restore it "
        + "without --to"
      report.sessions.append(missing)
    }
    return report
  }
}

extension FormatError {
  /// Nothing tells which sessions a bundle holds.
  fileprivate init(withoutEntries bundle: Bundle) {
    if case .vault = bundle.storage {
      self.init(
        .damaged, "its snapshot names no sessions", at: .file(path: bundle.path),
        advice: "see the snapshots with `carryover vault list \(bundle.path)`")
      return
    }
    let isThere = bundle.tags[BundleLayout.index] != nil
    self.init(
      .damaged,
      isThere
        ? "its index.jsonl names no sessions"
        : "its index.jsonl, the list of what it holds, is missing", at: .file(path: bundle.path),
      advice:
        "take index.jsonl from a copy of the bundle, or the originals from the folders raw/ in it")
  }
}
