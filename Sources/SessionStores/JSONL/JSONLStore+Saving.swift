internal import FileIO
internal import JSONText
internal import SessionFormats
internal import SessionModel

extension JSONLStore {
  /// Writes a session as a whole, in one step, and sets when it was updated.
  ///
  /// Original: `Save`.
  ///
  /// The file then holds one meta record, the messages, tunnel events, cost, usage and metrics. A
  /// session in which nobody wrote anything is removed instead.
  ///
  /// What the tool destroys by this stays: messages before a checkpoint, usage and metrics that the
  /// session does not hold, lines that cannot be decoded. Current releases write no records here
  /// but only make sure that there is a file.
  /// - Throws: `.notEncodable`, with the old file untouched.
  public func save(_ session: inout Session) throws(StoreError) {
    session.updatedAt = options.now()
    let path = try path(of: session.id)
    if options.profile == .current {
      do throws(FileError) {
        try createFileIfAbsent(path, permissions: 0o600)
      } catch {
        throw StoreError(writing: error)
      }
      return
    }
    let saved = session
    try alone { state throws(StoreError) in
      let lock = try StoreLocks(self, saved.id + ".jsonl")
      guard saved.hasUserInteraction else {
        let existed = try exists(path)
        if existed, options.repeatsDataLoss || isProvablyEmpty(path) {
          try remove(path)
          lock.release()
          try removeFromIndex(saved.id, &state)
        }
        return
      }
      try rewrite(path, saved)
      lock.release()
      let listed = saved.indexEntry(profile: options.profile)
      try updateIndex(listed, &state)
      // Without a status the file is compared as a whole the next time.
      let status = (try? FileStatus(path: path)) ?? nil
      state.left[saved.id] = status.map {
        LeftFile(size: $0.size, messages: listed.messageCount)
      }
    }
  }

  private func remove(_ path: String) throws(StoreError) {
    do throws(FileError) {
      try removeFile(path)
    } catch {
      throw StoreError(writing: error)
    }
  }

  private func rewrite(_ path: String, _ session: Session) throws(StoreError) {
    let kept =
      options.repeatsDataLoss
      ? KeptLines() : try KeptLines(path: path, session: session, profile: options.profile)
    // Encoding everything first keeps the old file when something cannot be encoded.
    var lines: [[UInt8]] = kept.history
    lines.append(try RecordLine.meta(session, layout: layout))
    if kept.needsCheckpoint {
      lines.append(
        try RecordLine.checkpoint(session.messages, tokens: 0, of: session.id, layout: layout))
    } else {
      for message in session.messages.dropFirst(kept.messagesInHistory) {
        lines.append(
          try RecordLine.message(
            message, of: session.id, layout: layout, time: session.updatedAt))
      }
    }
    for event in session.tunnelEvents {
      lines.append(try RecordLine.tunnelEvent(event, of: session.id, layout: layout))
    }
    if let cost = session.cost, !cost.bytes.isEmpty {
      lines.append(try RecordLine.cost(cost, of: session.id, layout: layout))
    }
    lines += kept.others
    for usage in session.usageHistory {
      lines.append(try RecordLine.usage(usage, of: session.id, layout: layout))
    }
    for metric in session.metrics {
      lines.append(try RecordLine.metric(metric, of: session.id, layout: layout))
    }
    do throws(FileError) {
      var output = try AtomicOutput(replacing: path, permissions: 0o666)
      for line in lines { try output.write(line) }
      try output.commit(durable: options.isDurable)
    } catch {
      throw StoreError(writing: error)
    }
  }
}
