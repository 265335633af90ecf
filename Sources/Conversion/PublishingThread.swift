internal import Dispatch
internal import SessionCoding

/// Publishes sessions one after the other on a thread of its own.
///
/// Publishing waits for the disk; the threads that tasks share would stand still meanwhile.
actor PublishingThread {
  private nonisolated let executor = QueueExecutor()

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  func publish(
    _ settled: sending SessionConversion.Settled, by conversion: SessionConversion
  ) -> Result<SessionReport, FormatError> {
    do throws(FormatError) {
      return .success(try conversion.publish(settled))
    } catch {
      return .failure(error)
    }
  }
}

/// Runs an actor's jobs on a queue that may have more threads than there are cores.
private final class QueueExecutor: SerialExecutor {
  private let queue = DispatchQueue(label: "carryover.publishing")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = unsafe asUnownedSerialExecutor()
    queue.async { unsafe job.runSynchronously(on: executor) }
  }
}
