/// The rules for paths inside a bag: what no file system, shell or checking tool misreads.
public enum BagPath {
  /// The longest path in bytes.
  public static let longest = 240
  /// The longest component in bytes.
  public static let longestComponent = 100

  /// What is wrong with a path relative to the bag; nil when it keeps all rules.
  public static func problem(_ path: String) -> String? {
    if path.utf8.count > longest { return "is longer than \(longest) bytes" }
    if path.hasPrefix("/") { return "is absolute" }
    let components = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    for component in components {
      if let problem = problem(component: Array(component)) { return problem }
    }
    return nil
  }

  private static func problem(component: [UInt8]) -> String? {
    if component.isEmpty { return "has an empty component" }
    if component == Array("..".utf8) || component == [UInt8(ascii: ".")] {
      return "leaves its folder or names it"
    }
    if component.count > longestComponent {
      return "has a component of more than \(longestComponent) bytes"
    }
    guard component.allSatisfy(isAllowed) else {
      return "has characters other than letters, digits, dot, hyphen and underscore"
    }
    if component.first == UInt8(ascii: ".") || component.last == UInt8(ascii: ".") {
      return "has a component that begins or ends with a dot"
    }
    let stem = component.prefix { $0 != UInt8(ascii: ".") }
    if deviceNames.contains(String(decoding: stem, as: UTF8.self).lowercased()) {
      return "has a component that is a device on Windows"
    }
    return nil
  }

  /// Whether a text can be one component.
  public static func isComponent(_ text: String) -> Bool {
    problem(component: Array(text.utf8)) == nil
  }

  /// The path as systems see it that do not tell upper from lower case.
  public static func folded(_ path: String) -> String { path.lowercased() }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private static let deviceNames: Set<String> = {
    var names: Set<String> = ["con", "prn", "aux", "nul"]
    for number in 1...9 {
      names.insert("com\(number)")
      names.insert("lpt\(number)")
    }
    return names
  }()
}
