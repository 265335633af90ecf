import Foundation
import Testing

/// Formats share what lies in the kit, and nothing else.
@Suite struct LayoutTests {
  private static let formats = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources/SessionFormats")

  /// The Swift files of each folder, by the folder's name.
  private func files() throws -> [String: [URL]] {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.formats.path)
    var files: [String: [URL]] = [:]
    for name in names where !name.hasSuffix(".swift") {
      let folder = Self.formats.appendingPathComponent(name)
      files[name] = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        .filter { $0.hasSuffix(".swift") }.map { folder.appendingPathComponent($0) }
    }
    return files
  }

  /// The words of a file that begin with a capital letter, without comments and string literals.
  private func words(_ file: URL) throws -> Set<String> {
    let code = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
      let text = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
      return text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
        .filter { $0.offset % 2 == 0 }.map(\.element).joined(separator: " ")
    }
    return Set(
      code.joined(separator: "\n").split { !$0.isLetter && !$0.isNumber && $0 != "_" }
        .map(String.init).filter { $0.first?.isUppercase == true })
  }

  @Test func `formats do not use each other's types`() throws {
    let files = try files()
    let declaration = /^(?:public |package |final )*(?:struct|class|enum|protocol|actor) (\w+)/
    var owners: [String: Set<String>] = [:]
    for (folder, urls) in files where folder != "Kit" {
      for url in urls {
        for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
          if let name = line.prefixMatch(of: declaration)?.1 {
            owners[String(name), default: []].insert(folder)
          }
        }
      }
    }
    for (folder, urls) in files {
      for url in urls {
        for word in try words(url) {
          guard let owner = owners[word], !owner.contains(folder) else { continue }
          Issue.record("\(folder)/\(url.lastPathComponent) uses \(word) of \(owner.sorted())")
        }
      }
    }
  }

  @Test func `a file is named after the format's folder or in the kit`() throws {
    let loose = try FileManager.default.contentsOfDirectory(atPath: Self.formats.path)
      .filter { $0.hasSuffix(".swift") }
    #expect(loose == ["Registry.swift"])
  }
}
