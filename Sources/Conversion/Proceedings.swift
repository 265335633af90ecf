internal import SessionCoding
internal import Synchronization

/// What became of the sessions of a conversion that works on several at a time.
final class Proceedings: Sendable {
  private struct State {
    /// In the order of the sessions.
    var reports: [SessionReport] = []
    var failure: FormatError?
    /// Whether the last session had to be written.
    var writes = false
  }

  private let state: Mutex<State>
  private let meter: ProgressMeter
  private let publishes: Bool
  private let publisher = PublishingThread()
  /// Sessions are published in the order of the source, so that what lists them is the same each time.
  private let publishing = Turns()

  /// - Parameters:
  ///   - count: The number of sessions.
  ///   - publishes: Whether each session is visible as soon as it is published.
  init(_ count: Int, _ meter: ProgressMeter, publishes: Bool) {
    var state = State()
    state.reports.reserveCapacity(count)
    self.state = Mutex(state)
    self.meter = meter
    self.publishes = publishes
  }

  /// Whether nothing has failed that concerns all sessions.
  var goesOn: Bool { state.withLock { $0.failure == nil } }

  /// Whether the last session that went through ``stage(_:_:by:)`` had to be written.
  var writes: Bool { state.withLock { $0.writes } }

  /// Reads, validates and writes a session aside; nil when something failed that concerns all sessions.
  func stage(
    _ summary: SessionSummary, _ read: SessionConversion.ReadSession?,
    by conversion: SessionConversion
  ) async -> SessionConversion.Step? {
    guard goesOn else { return nil }
    do throws(FormatError) {
      let step = try await conversion.stage(summary, read)
      state.withLock { $0.writes = step.isStaged }
      return step
    } catch {
      fail(error)
      return nil
    }
  }

  /// Notes a failure that ends the whole conversion; the first one counts.
  func fail(_ error: FormatError) {
    state.withLock { $0.failure = $0.failure ?? error }
  }

  /// Compares and, in its turn, publishes a session; each number up to the last MUST come here once.
  ///
  /// - Parameter whenSettled: Called before the session waits for its turn.
  func take(
    _ step: consuming SessionConversion.Step?, of index: Int, by conversion: SessionConversion,
    whenSettled: () async -> Void
  ) async {
    let outcome = await settle(step, by: conversion)
    await whenSettled()
    await publishing.begin(index)
    // After a failure nothing more is published.
    if let outcome, goesOn { await finish(outcome, by: conversion) }
    await publishing.end()
  }

  private func settle(
    _ step: consuming SessionConversion.Step?, by conversion: SessionConversion
  ) async -> SessionConversion.Outcome? {
    do throws(FormatError) {
      switch consume step {
      case nil: return nil
      case .done(let report): return .done(report)
      case .staged(let staged): return try await conversion.settle(staged)
      }
    } catch {
      fail(error)
      return nil
    }
  }

  private func finish(
    _ outcome: SessionConversion.Outcome, by conversion: SessionConversion
  ) async {
    switch outcome {
    case .done(let report): note(report)
    case .ready(let session):
      // Handed over: nobody looks at it here any more.
      nonisolated(unsafe) let settled = session
      switch await unsafe publisher.publish(settled, by: conversion) {
      case .success(let report): note(report)
      case .failure(let error): fail(error)
      }
    }
  }

  private func note(_ report: SessionReport) {
    state.withLock { $0.reports.append(report) }
    meter.add(report, isPublished: publishes)
  }

  /// All reports, in the order of the sessions; they can be had once.
  func finished() throws(FormatError) -> [SessionReport] {
    let (reports, failure) = state.withLock { state in
      defer { state.reports = [] }
      return (state.reports, state.failure)
    }
    if let failure { throw failure }
    return reports
  }
}

/// Lets tasks do something one after the other, in an order that is known beforehand.
actor Turns {
  private var current = 0
  private var waiting: [Int: CheckedContinuation<Void, Never>] = [:]

  /// Waits until all turns with lower numbers, from 0 on, have ended.
  func begin(_ number: Int) async {
    if number > current { await withCheckedContinuation { waiting[number] = $0 } }
  }

  /// Ends the turn that goes on.
  func end() {
    current += 1
    waiting.removeValue(forKey: current)?.resume()
  }
}

/// A number of places that tasks wait for.
actor Slots {
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ count: Int) { free = count }

  /// Takes a place, as soon as there is one.
  func take() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  /// Gives a place back, to whoever waited longest.
  func release() {
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}
