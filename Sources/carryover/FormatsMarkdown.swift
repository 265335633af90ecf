internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionFormats

/// The generated part of CONVERSIONS.md.
struct FormatsMarkdown {
  private var text = ""

  /// Converts the sample between all formats and writes the tables.
  static func make() async throws(Ending) -> String {
    let matrix: CapabilityMatrix
    do throws(FormatError) {
      matrix = try await CapabilityMatrix(Registry.writable, canonical: Canonical())
    } catch {
      throw Ending(.sessions, "the sample does not convert: \(error.description)")
    }
    var page = FormatsMarkdown()
    page.addFormats()
    for source in matrix.sources { page.add(source) }
    return page.text
  }

  private mutating func addFormats() {
    text += "| format | where | use | profiles | carry | usual place |\n|---|---|---|---|---|---|\n"
    for format in Registry.formats {
      let info = format.info
      let isWritten = format is any WritableSessionFormat
      let profiles = info.profiles.map { "`\($0.name)`" }.joined(separator: ", ")
      let cells = [
        "`\(info.id)`", info.summary, isWritten ? "read, written" : "read",
        profiles.isEmpty ? "" : profiles + " (the first is the default)",
        isWritten ? info.carry : "", Self.place(info).map { "`\($0)`" } ?? "",
      ]
      text += "| " + cells.joined(separator: " | ") + " |\n"
    }
  }

  /// The usual place as it is for everybody, not on this machine.
  private static func place(_ info: FormatInfo) -> String? {
    guard let path = info.defaultLocation() else { return nil }
    guard let home = homeDirectory(), path.hasPrefix(home + "/") else { return path }
    return "~" + path.dropFirst(home.count)
  }

  private mutating func add(_ source: CapabilityMatrix.Source) {
    guard !source.columns.isEmpty else { return }
    text += "\n### From \(source.format)\n\n"
    text += "| of \(source.format) | "
    text += source.columns.map { "to \($0.target)" }.joined(separator: " | ") + " |\n|---|"
    text += String(repeating: "---|", count: source.columns.count) + "\n"
    for row in source.rows {
      let cells = source.columns.map { $0.outcomes[row]?.rawValue ?? "" }
      text += "| \(row) | " + cells.joined(separator: " | ") + " |\n"
    }
    let others = source.columns.map { column in
      column.others.map { "`\($0)`" }.joined(separator: ", ")
    }
    if others.contains(where: { !$0.isEmpty }) {
      text += "| also carried | " + others.joined(separator: " | ") + " |\n"
    }
    let fidelities = source.columns.map { $0.fidelity?.rawValue ?? "" }
    text += "| as a whole | " + fidelities.joined(separator: " | ") + " |\n"
  }
}
