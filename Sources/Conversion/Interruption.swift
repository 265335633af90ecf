public import SessionCoding
internal import Synchronization

/// A request to stop, set from anywhere and looked at between entries.
public final class Interruption: Sendable {
  private let isRequested = Atomic<Bool>(false)

  /// Creates a request that is not made yet.
  public init() {}

  /// Asks every conversion that looks at this to stop.
  public func request() { isRequested.store(true, ordering: .releasing) }

  /// Whether stopping was asked for.
  public var isSet: Bool { isRequested.load(ordering: .acquiring) }

  /// Throws when stopping was asked for.
  public func check() throws(FormatError) {
    if isSet {
      throw FormatError(
        .interrupted, "stopped on request",
        advice: "run the same command again to go on; what is done stays done")
    }
  }
}
