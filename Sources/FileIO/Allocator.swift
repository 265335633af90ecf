internal import CAllocator

/// The system's memory allocator.
public enum Allocator {
  /// Lets all threads share three pools, so that what one of them frees serves the others.
  ///
  /// glibc gives each thread a pool of its own, and pages that were free in one of them made up a
  /// sixth of the peak memory of converting 10,000 sessions. With a single pool, two threads that
  /// convert wait for each other at every larger piece of memory, which takes a tenth of the time. Of
  /// two pools, the main thread, which only waits, had one: of three, each thread that works has its own.
  /// What a session of a megabyte needs is kept for the next one: getting it from the system anew, page
  /// by page, takes as long as reading a file into it. More than that goes back, as 10,000 sessions to
  /// a database came within a megabyte of the limit otherwise.
  ///
  /// Pieces of up to 160 bytes are given back without waiting for the pool's other users: what one thread
  /// reads another one lets go of.
  ///
  /// Call it before there is a second thread. Elsewhere than with glibc it does nothing.
  public static func sharePools() {
    #if canImport(Glibc)
      mallopt(M_ARENA_MAX, 3)
      mallopt(M_MXFAST, 160)
      mallopt(M_MMAP_THRESHOLD, 1_280 << 10)
      mallopt(M_TRIM_THRESHOLD, 6 << 20)
    #endif
  }

  /// Gives pages that hold nothing back to the system, before something large is made.
  package static func giveBack() {
    #if canImport(Glibc)
      malloc_trim(0)
    #endif
  }
}
