internal import CAllocator

/// The system's memory allocator.
public enum Allocator {
  /// Lets the threads share two pools, so that what one of them frees mostly serves the others.
  ///
  /// glibc gives each thread a pool of its own, and pages that are free in one of them add to the peak
  /// of the memory; with a single pool, threads waited for each other a tenth of the time. Call it
  /// before there is a second thread. Elsewhere than with glibc it does nothing.
  public static func sharePools() {
    #if canImport(Glibc)
      mallopt(M_ARENA_MAX, 2)
    #endif
  }
}
