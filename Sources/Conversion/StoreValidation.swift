public import SessionCoding
internal import SessionModel
internal import SessionValidation
internal import Synchronization

/// What was found in one session.
public struct SessionFindings: Sendable {
  /// The session.
  public var session: SessionSummary
  /// Its findings: the format's own first, then those that hold for every format.
  public var findings: [Finding]

  /// The number of findings of a severity.
  public func count(_ severity: Severity) -> Int {
    findings.count { $0.severity == severity }
  }
}

/// Checks sessions of a source against the format's rules and those of every format.
public struct StoreValidation: Sendable {
  private let source: any SessionSource
  private let jobs: Int

  /// Creates a validation that checks `jobs` sessions at the same time.
  public init(_ source: any SessionSource, jobs: Int = 1) {
    self.source = source
    self.jobs = max(1, jobs)
  }

  /// What is wrong with the store as a whole; that it cannot be looked at is a finding too.
  public var storeFindings: [Finding] {
    do throws(FormatError) {
      return try source.storeFindings().bounded
    } catch {
      return [
        Finding(
          rule: "store.readable", severity: .error, place: error.place,
          message: "what belongs to the store as a whole cannot be read: \(error.message)")
      ]
    }
  }

  /// Checks sessions; the results come in the order of the list.
  ///
  /// A session that cannot be read gives a finding `session.readable`.
  public func run(
    _ sessions: [SessionSummary], interruption: Interruption = Interruption(),
    report: (SessionFindings) -> Void
  ) async throws(FormatError) {
    let queue = Queue()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<min(jobs, sessions.count) {
        group.addTask { @concurrent in
          while !interruption.isSet, let index = queue.next(below: sessions.count) {
            queue.put(check(sessions[index]), at: index)
          }
        }
      }
    }
    try interruption.check()
    for findings in queue.results { report(findings) }
  }

  /// Hands out positions in order and takes results in any.
  private final class Queue: Sendable {
    private let state = Mutex((next: 0, results: [Int: SessionFindings]()))

    func next(below end: Int) -> Int? {
      state.withLock { state in
        guard state.next < end else { return nil }
        state.next += 1
        return state.next - 1
      }
    }

    func put(_ findings: SessionFindings, at index: Int) {
      state.withLock { $0.results[index] = findings }
    }

    var results: [SessionFindings] {
      state.withLock { $0.results }.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  private func check(_ session: SessionSummary) -> SessionFindings {
    do throws(FormatError) {
      var findings = try source.findings(of: session.id)
      let reader = try source.reader(for: session.id)
      var validator = SessionValidator(head: reader.head)
      while let entry = try reader.next() { validator.observe(entry) }
      findings = SessionCopy.merged(findings, validator.finish()).bounded
      switch try source.carryHeader(of: session.id) {
      case .unreadable: findings.append(.unreadableCarry)
      case .readable(let header) where header.hasItems:
        let isIntact = try source.reader(for: session.id).carry()?.isIntact() ?? false
        if !isIntact { findings.append(.damagedCarry) }
      case .readable, nil: break
      }
      return SessionFindings(session: session, findings: findings)
    } catch {
      let finding = Finding(
        rule: "session.readable", severity: .error, place: error.place,
        message: "the session cannot be read: \(error.message)")
      return SessionFindings(session: session, findings: [finding])
    }
  }
}
