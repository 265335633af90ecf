import JSONText
import Testing

/// Searches that look at many bytes at a time find what looking at each byte finds.
@Suite struct SearchTests {
  /// Texts of a few letters, in which beginnings of patterns stand everywhere.
  static let texts: [[UInt8]] = {
    var generator = SeededGenerator(seed: 1)
    return (0..<60).map { size in
      (0..<(size * 5)).map { _ in UInt8.random(in: 97...99, using: &generator) }
    }
  }()

  @Test(arguments: [1, 2, 3, 8, 16])
  func `the first place of a pattern`(length: Int) {
    for text in Self.texts where text.count > length {
      for start in [0, min(text.count / 3, text.count - length), text.count - length] {
        let pattern = Array(text[start..<(start + length)])
        for range in [0..<text.count, (text.count / 4)..<text.count, 0..<(text.count / 2)] {
          let plain = range.first {
            $0 + length <= range.upperBound && text[$0..<($0 + length)].elementsEqual(pattern)
          }
          let found = text.span.firstIndex(of: pattern.span, in: range)
          #expect(found == plain)
        }
      }
      let absent = [UInt8](repeating: 120, count: length)
      let found = text.span.firstIndex(of: absent.span, in: 0..<text.count)
      #expect(found == nil)
    }
  }

  @Test func `members beside some names, however these are given`() throws {
    let text = #"{"b":1,"a":2,"\u0061":3,"c":[4],"longer name":5,"b":6,"longer nama":7,"":8}"#
    let value = try JSONDocument(Array(text.utf8)).root
    let lists: [([StaticString], [String])] = [
      ([], []), (["a"], ["a"]), (["longer name", "b"], ["longer name", "b"]),
      (["b", "a", "c"], ["b", "a", "c"]), (["x", "longer nam"], ["x", "longer nam"]),
    ]
    for (names, same) in lists {
      let expected = value.members(except: names)
      let found = members(of: value, except: FieldNames(same))
      #expect(found.map(\.key) == expected.map(\.key))
      #expect(found.map { Array($0.value.raw) } == expected.map { Array($0.value.raw) })
    }
    // Of the names only those count that are chosen.
    let names = FieldNames(["b", "a", "c"])
    let expected = value.members(except: ["b", "c"])
    #expect(members(of: value, except: names, at: 0b101).map(\.key) == expected.map(\.key))
    let number = try JSONDocument(Array("1".utf8)).root
    #expect(members(of: number, except: FieldNames(["a"])).isEmpty)
  }

  @Test func `members found in one pass are those found one by one`() throws {
    for text in [
      #"{"a":1,"b":2,"\u0061":3,"c":[4],"long name":5,"b":6}"#, "{}", "[1]", #"{"b":{"a":1}}"#,
    ] {
      let value = try JSONDocument(Array(text.utf8)).root
      let names: [StaticString] = ["a", "b", "long name", "x"]
      for first in names {
        for second in names where !isSame(first, second) {
          for third in names where !isSame(first, third) && !isSame(second, third) {
            let found = value.members(first, second, third)
            #expect(found.first?.range == value[first]?.range)
            #expect(found.second?.range == value[second]?.range)
            #expect(found.third?.range == value[third]?.range)
          }
        }
      }
    }
  }

  private func isSame(_ a: StaticString, _ b: StaticString) -> Bool { "\(a)" == "\(b)" }

  private func members(
    of object: JSONValue, except names: FieldNames, at places: UInt32 = .max
  ) -> [(key: JSONString, value: JSONValue)] {
    var members: [(key: JSONString, value: JSONValue)] = []
    object.forEachMember(except: names, at: places) { members.append(($0, $1)) }
    return members
  }
}
