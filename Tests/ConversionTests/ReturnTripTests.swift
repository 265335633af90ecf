import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

@Suite struct ReturnTripTests {
  static let stores = ["ggcode/store"]

  @Test(arguments: Registry.writable.map(\.info.id))
  func `a ggcode store comes back byte for byte`(through middle: String) async throws {
    guard middle != "ggcode" else { return }
    let folder = try TemporaryFolder()
    let source = Fixtures.root + "/ggcode/store"
    let there = try await convert(
      source, "ggcode", to: folder.path("middle"), middle)
    for session in there.sessions {
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
      #expect(session.fidelity == .complete, "\(session.source): \(session.losses)")
    }
    let back = try await convert(folder.path("middle"), middle, to: folder.path("back"), "ggcode")
    for session in back.sessions {
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
      #expect(session.fidelity == .exact, "\(session.source): \(session.losses)")
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: source) {
      let original = try readFile(source + "/" + name)
      let returned = try readFile(folder.path("back/" + name))
      let isSame = original == returned
      #expect(isSame, "\(name) differs")
    }
    let again = try await convert(source, "ggcode", to: folder.path("middle"), middle)
    #expect(again.sessions.allSatisfy { $0.status == .unchanged })
    let backAgain = try await convert(
      folder.path("middle"), middle, to: folder.path("back"), "ggcode")
    #expect(backAgain.sessions.allSatisfy { $0.status == .unchanged })
  }

  func convert(_ from: String, _ format: String, to: String, _ target: String) async throws
    -> ConversionReport
  {
    let source = try #require(Registry.format(format))
    let target = try #require(Registry.format(target) as? any WritableSessionFormat)
    return try await StoreConversion(from: source, at: from, to: target, at: to).run()
  }
}
