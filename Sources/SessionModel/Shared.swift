/// Memory that copies of a value have in common until one of them is changed.
///
/// For values of many parts that are handed on often and changed rarely: a copy is one reference.
@usableFromInline
struct Shared<Value: Sendable>: Sendable {
  /// Changed only while a single value refers to it.
  @usableFromInline
  final class Memory: @unchecked Sendable {
    // Nothing runs in the middle of an access that could begin another one to the same memory: it is
    // private, and what changes it is its only owner.
    @exclusivity(unchecked) @usableFromInline var value: Value

    @inlinable
    init(_ value: Value) { unsafe self.value = value }
  }

  @usableFromInline var memory: Memory

  @inlinable
  init(_ value: Value) { memory = Memory(value) }

  @inlinable var value: Value {
    _read { yield unsafe memory.value }
    _modify {
      if !isKnownUniquelyReferenced(&memory) { memory = unsafe Memory(memory.value) }
      yield unsafe &memory.value
    }
  }
}

extension Shared: Equatable where Value: Equatable {
  @inlinable
  static func == (left: Shared, right: Shared) -> Bool {
    left.memory === right.memory || left.value == right.value
  }
}

extension Shared: Hashable where Value: Hashable {
  @inlinable
  func hash(into hasher: inout Hasher) { value.hash(into: &hasher) }
}
