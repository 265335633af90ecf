internal import Archive
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Files that the program `age` encrypts and decrypts (age-encryption.org).
enum AgeEncryption {
  /// The end of an encrypted file's name.
  static let suffix = ".age"

  /// Whether a file begins as one that `age` wrote.
  static func isEncrypted(_ file: RandomAccessFile) throws(FormatError) -> Bool {
    let start = Array("age-encryption.org/".utf8)
    return try reading { () throws(FileError) in
      try file.read(at: 0, count: start.count) == start
    }
  }

  /// Encrypts a file.
  ///
  /// - Parameter recipients: Public keys, or files that hold some.
  /// - Throws: `.notWritable` when there is no `age`, or it fails.
  static func encrypt(
    _ file: String, to target: String, for recipients: [String]
  ) throws(FormatError) {
    var words = ["age", "--encrypt"]
    for recipient in recipients {
      let isKey = recipient.hasPrefix("age1") || recipient.hasPrefix("ssh-")
      words += [isKey ? "--recipient" : "--recipients-file", recipient]
    }
    do throws(FormatError) {
      try run(
        words + ["--output", target, file], advice: "check the recipient, and that there is room")
    } catch {
      var error = error
      error.isAboutTarget = true
      throw error
    }
  }

  /// Publishes a file encrypted; in the clear it is in a private folder only.
  static func write(
    _ bytes: [UInt8], to target: String, for recipients: [String], replacing: Bool, durable: Bool
  ) throws(FormatError) {
    let folder = try writing { () throws(FileError) in try TemporaryDirectory() }
    let plain = folder.path(of: "plain")
    let stage = try writing { () throws(FileError) in
      var output = try AtomicOutput(replacing: plain)
      try output.write(bytes)
      try output.commit(durable: false)
      return try StagedDirectory(nextTo: target)
    }
    try encrypt(plain, to: stage.path(of: "file"), for: recipients)
    try writing { () throws(FileError) in
      try stage.publishFile("file", at: target, replacing: replacing, durable: durable)
    }
  }

  /// Checks that an identity opens what is encrypted for some recipients.
  ///
  /// - Throws: `.notWritable` when it does not.
  static func check(_ identity: String, opens recipients: [String]) throws(FormatError) {
    let folder = try writing { () throws(FileError) in try TemporaryDirectory() }
    let (plain, encrypted) = (folder.path(of: "plain"), folder.path(of: "encrypted"))
    try writing { () throws(FileError) in
      try AtomicOutput(replacing: plain).commit(durable: false)
    }
    try encrypt(plain, to: encrypted, for: recipients)
    do throws(FormatError) {
      try decrypt(encrypted, to: folder.path(of: "again"), with: identity)
    } catch {
      var error = FormatError(
        .notWritable, "the identity does not open what is encrypted for these recipients",
        advice: "give --encrypt and --identity as the vault was made with")
      error.isAboutTarget = true
      throw error
    }
  }

  /// Decrypts a file.
  ///
  /// - Parameter identity: A file with the private key.
  static func decrypt(_ file: String, to target: String, with identity: String)
    throws(FormatError)
  {
    do throws(FormatError) {
      try run(
        ["age", "--decrypt", "--identity", identity, "--output", target, file],
        advice: "check that --identity names the file with its key, and that it is whole")
    } catch {
      throw error.place == nil
        ? FormatError(error.code, error.message, at: .file(path: file), advice: error.advice)
        : error
    }
  }

  private static func run(_ words: [String], advice: String) throws(FormatError) {
    let folder = try writing { () throws(FileError) in try TemporaryDirectory() }
    let messages = folder.path(of: "messages")
    let status: Int32
    do throws(FileError) {
      status = try ExternalProgram.run(words, messages: messages)
    } catch {
      guard error.code == .notFound else { throw FormatError(reading: error) }
      throw FormatError(
        .notReadable, "the program age is not installed, which encrypts and decrypts bundles",
        advice: "install it: apt install age, or brew install age")
    }
    guard status != 0 else { return }
    // Without its messages the status has to do.
    let said = (try? readFile(messages, limit: 64 << 10)).map {
      String(decoding: $0, as: UTF8.self)
    }
    let line = said?.split(separator: "\n").first.map(String.init) ?? "age: exit status \(status)"
    throw FormatError(
      .notReadable, "the program age failed: \(line)", advice: advice)
  }
}
