internal import FileIO
internal import SessionFormats
public import SessionModel

extension JSONLStore {
  var layout: GGCodeLayout { options.profile == .documented ? .classic : .current }

  /// Appends a message to the file and to the session.
  ///
  /// Original: `AppendMessage`.
  ///
  /// Sets when the session was updated; an empty title becomes the first 57 characters of the first
  /// user message. The title stands in the list at once, in the file with the next meta record.
  public func appendMessage(
    _ message: Message, to session: inout Session
  ) throws(StoreError) {
    let time = options.now()
    let line = try RecordLine.message(message, of: session.id, layout: layout, time: time)
    let title = session.title.isEmpty ? session.derivedTitle(with: message) : nil
    var listed = session.indexEntry(profile: options.profile)
    listed.updated = time
    listed.messageCount += 1
    if let title { listed.title = title }
    try append(line, listed, addedMessages: 1)
    // Changing the session in place costs the same however many messages it has.
    session.messages.append(message)
    session.updatedAt = time
    if let title { session.title = title }
  }

  /// Appends a message to the file alone.
  ///
  /// Original: `AppendMessageToDisk`.
  public func appendMessageToDisk(
    _ message: Message, of session: Session
  ) throws(StoreError) {
    let line = try RecordLine.message(
      message, of: session.id, layout: layout, time: options.now())
    try append(line, of: session, addedMessages: 1)
  }

  /// Notes in the file that the messages so far were replaced by a shorter list.
  ///
  /// Original: `AppendCheckpoint`.
  ///
  /// The session's messages stay as they are; loading it again gives the list and what follows.
  /// - Parameter tokenCount: The tokens of the list.
  public func appendCheckpoint(
    _ messages: [Message], tokenCount: Int64, to session: inout Session
  ) throws(StoreError) {
    let before = session.updatedAt
    session.updatedAt = options.now()
    do throws(StoreError) {
      try appendCheckpointToDisk(messages, tokenCount: tokenCount, of: session)
    } catch {
      session.updatedAt = before
      throw error
    }
  }

  /// Notes it in the file alone.
  ///
  /// Original: `AppendCheckpointToDisk`.
  public func appendCheckpointToDisk(
    _ messages: [Message], tokenCount: Int64, of session: Session
  ) throws(StoreError) {
    let line = try RecordLine.checkpoint(
      messages, tokens: tokenCount, of: session.id, layout: layout)
    try append(line, of: session)
  }

  /// Notes in the file, by message identifiers, what a summary replaces: current releases'
  /// `AppendCheckpoint`.
  ///
  /// Documented releases drop everything before such a record when they load the session.
  /// - Throws: `.notEncodable` in a store of the documented profile.
  public func appendCheckpoint(
    summaryMessage: String, lastMessage: String, tokenCount: Int64, to session: inout Session
  ) throws(StoreError) {
    guard options.profile == .current else {
      throw StoreError(
        .notEncodable, "checkpoints by identifier would hide the session from documented releases")
    }
    let time = options.now()
    var listed = session.indexEntry(profile: options.profile)
    listed.updated = time
    try append(
      RecordLine.checkpoint(
        summaryMessage: summaryMessage, lastMessage: lastMessage, tokens: tokenCount,
        of: session.id), listed)
    session.updatedAt = time
  }

  /// Writes the first meta record of a session that has no file yet.
  ///
  /// Original: `EnsureMeta`.
  ///
  /// Nothing happens if there is a file, or nothing that a person wrote.
  public func ensureMeta(_ session: Session) throws(StoreError) {
    let path = try path(of: session.id)
    if try exists(path) || !session.hasUserInteraction { return }
    let line = try RecordLine.meta(session, layout: layout, withPreview: false)
    try alone { state throws(StoreError) in
      do throws(FileError) {
        guard try createFileIfAbsent(path, line, permissions: 0o666) else { return }
      } catch {
        throw StoreError(writing: error)
      }
      let listed = session.indexEntry(profile: options.profile)
      try updateIndex(listed, &state)
      state.left[session.id] = LeftFile(size: UInt64(line.count), messages: listed.messageCount)
    }
  }

  /// Appends a meta record with the session's facts as they are.
  ///
  /// Original: `AppendMetaToDisk`.
  ///
  /// Nothing happens if there is nothing that a person wrote.
  public func appendMetaToDisk(_ session: Session) throws(StoreError) {
    guard session.hasUserInteraction else { return }
    try append(RecordLine.meta(session, layout: layout), of: session)
  }

  /// Appends the tokens of one call to the file alone.
  ///
  /// Original: `AppendUsageEntry`.
  ///
  /// Nothing happens if there is nothing that a person wrote.
  public func appendUsageEntry(
    _ usage: UsageEntry, of session: Session
  ) throws(StoreError) {
    guard session.hasUserInteraction else { return }
    try append(
      RecordLine.usage(usage, of: session.id, layout: layout), of: session, updatesIndex: false)
  }

  /// Appends what was measured to the file alone.
  ///
  /// Original: `AppendMetric`.
  ///
  /// Nothing happens if there is nothing that a person wrote.
  public func appendMetric(_ metric: MetricEvent, of session: Session) throws(StoreError) {
    guard session.hasUserInteraction else { return }
    try append(
      RecordLine.metric(metric, of: session.id, layout: layout), of: session, updatesIndex: false)
  }

  /// Appends an event to the file alone.
  ///
  /// Original: `AppendTunnelEventToDisk`.
  public func appendTunnelEventToDisk(
    _ event: TunnelEvent, of session: Session
  ) throws(StoreError) {
    try append(
      RecordLine.tunnelEvent(event, of: session.id, layout: layout), of: session,
      updatesIndex: options.profile == .documented)
  }

  private func append(
    _ line: [UInt8], of session: Session, updatesIndex: Bool = true, addedMessages: Int64 = 0
  ) throws(StoreError) {
    try append(
      line, session.indexEntry(profile: options.profile), updatesIndex: updatesIndex,
      addedMessages: addedMessages)
  }

  private func append(
    _ line: [UInt8], _ listed: GGCodeIndex.Entry, updatesIndex: Bool = true,
    addedMessages: Int64 = 0
  ) throws(StoreError) {
    let id = listed.id
    let path = try path(of: id)
    try alone { state throws(StoreError) in
      let lock = try StoreLocks(self, id + ".jsonl")
      let sizes: (before: UInt64, after: UInt64)
      do throws(FileError) {
        sizes = try appendToFile(
          path, line, permissions: 0o600, mendingLine: !options.repeatsDataLoss,
          durable: options.isDurable)
      } catch {
        throw StoreError(writing: error)
      }
      lock.release()
      let isOwn = state.left[id]?.size == sizes.before
      if updatesIndex { try updateIndex(listed, &state, appended: (addedMessages, isOwn)) }
      let messages = updatesIndex ? listed.messageCount : state.left[id]?.messages
      state.left[id] = messages.flatMap { messages in
        isOwn || updatesIndex ? LeftFile(size: sizes.after, messages: messages) : nil
      }
    }
  }
}
