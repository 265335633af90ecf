internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

extension Restoration {
  /// Restores a store into a private folder, and tells how that compares with the destination.
  func preview(
    _ group: Group, _ staged: [String: StagedSession], to place: String, stage: String,
    _ interruption: Interruption, _ progress: @escaping @Sendable (ConversionProgress) -> Void
  ) async throws(FormatError) -> RestorationReport.Store {
    let name = place.split(separator: "/").last.map(String.init) ?? "store"
    let scratch = stage + "-preview/" + name
    let status = try reading { () throws(FileError) in try FileStatus(path: place) }
    try writing { () throws(FileError) in
      try createDirectory(status?.kind == .directory ? scratch : stage + "-preview")
    }
    var store = try await restore(
      group, staged, to: scratch, stage: stage, interruption, progress)
    let own = Set(store.report.sessions.flatMap(\.files).map { ExactPath($0) })
    let target = options.format?.info.id ?? group.tool
    let isDatabase = formats.first { $0.info.id == target }?.info.holdsRows ?? false
    store.preview = try RestorePreview.files(of: scratch, at: place) { file in
      // What is of no session lists the sessions.
      isDatabase || !own.contains(ExactPath(scratch + "/" + file))
    }
    store.destination = place
    store.report.isDryRun = true
    let states = Dictionary(store.preview.map { ($0.path, $0.state) }) { first, _ in first }
    for index in store.report.sessions.indices {
      let files = store.report.sessions[index].files.map { place + $0.dropFirst(scratch.count) }
      store.report.sessions[index].files = files
      store.report.sessions[index].resume = nil
      guard store.report.sessions[index].status == .written, !files.isEmpty, !isDatabase else {
        continue
      }
      if files.allSatisfy({ states[$0] == .same }) {
        store.report.sessions[index].status = .unchanged
      } else if options.onConflict == .skip,
        let other = files.first(where: { states[$0] == .other })
      {
        store.report.sessions[index].status = .skipped
        store.report.sessions[index].reason =
          "\(other) is there with other content; use --on-conflict replace or rename"
      }
    }
    store.folders = folders(of: group)
    return store
  }

  /// The folders that the sessions work in, and what the mapping makes of them.
  private func folders(of group: Group) -> [(old: String, new: String?)] {
    guard !options.mappedPaths.isEmpty else { return [] }
    let map = PathMap(options.mappedPaths)
    let selected = group.entries.filter { group.selected.contains($0.sourceID) }
    return Set(selected.compactMap(\.workspace)).sorted().map { ($0, map($0)) }
  }
}
