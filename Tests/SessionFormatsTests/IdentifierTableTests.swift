import JSONText
import Testing

@testable import SessionFormats

@Suite struct IdentifierTableTests {
  @Test func `identifiers keep their numbers`() {
    var table = IdentifierTable()
    let names = (0..<5_000).map { JSONString("call_\($0 * 7)") }
    for (number, name) in names.enumerated() { #expect(table.number(of: name) == number) }
    for (number, name) in names.enumerated() {
      #expect(table.number(of: name) == number)
      #expect(table.find(name) == number)
      #expect(table[number] == name)
    }
    #expect(table.count == names.count)
    #expect(table.find("call_1") == nil)
    #expect(table.find("") == nil)
    #expect(table.number(of: "") == names.count)
    #expect(table.find("") == names.count)
  }

  @Test func `identifiers of records keep their numbers, UUIDs or not`() {
    var table = ClaudeIDTable()
    let ids = (0..<3_000).map { number in
      number % 5 == 0
        ? ClaudeID.text("text \(number)")
        : ClaudeID("0a0b0c0d-0000-4000-8000-\(100_000_000_000 + number)")
    }
    for (number, id) in ids.enumerated() {
      #expect(table.insert(id) == (Int32(number), true))
    }
    for (number, id) in ids.enumerated() {
      #expect(table.insert(id) == (Int32(number), false))
      #expect(table.find(id) == Int32(number))
      #expect(table[number] == id)
    }
    #expect(Array(table) == ids)
    #expect(table.find(.none) == nil)
    #expect(table.find(.text("")) == nil)
  }
}
