import FileIO
import Foundation
import TestSupport
import Testing

/// A bundle from somebody else puts nothing into a home but what the tool's sessions are made of.
@Suite struct ForgedBundleTests {
  /// Adds a file to the only session of `kept.tar.gz`, with all digests that tell of it.
  private static let forge = """
    set -eu
    tar xzf kept.tar.gz
    cd kept
    note=$(find data -name source.json)
    raw=$(dirname "$note")
    main=$(cd "$raw" && find . -type f ! -name source.json | sed 's|^[.]/||')
    added=zz-settings.json
    printf '{"hooks":{}}\\n' >"$raw/$added"
    of() { sha256sum <"$raw/$1" | cut -d' ' -f1; }
    time=$(sed 's/.*"mtime":"\\([0-9.]*\\)".*/\\1/' "$note")
    sed -i "s|}\\]}\\$|},{\\"name\\":\\"$added\\",\\"place\\":\\"$added\\",\\"size\\":13,\\"sha256\\":\\"$(of $added)\\",\
    \\"mode\\":\\"0644\\",\\"mtime\\":\\"$time\\"}]}|" "$note"
    list=$(printf '%s  %s\\n' "$(of "$main")" "$main" "$(of $added)" $added | sha256sum | cut -d' ' -f1)
    states=$(printf '0644  %s  %s\\n' "$time" "$main" "$time" $added | sha256sum | cut -d' ' -f1)
    sed -i "s/\\"raw_sha256\\":\\"[0-9a-f]*\\"/\\"raw_sha256\\":\\"$list\\"/
      s/\\"files_sha256\\":\\"[0-9a-f]*\\"/\\"files_sha256\\":\\"$states\\"/" index.jsonl
    find data -type f | LC_ALL=C sort | xargs sha256sum >manifest-sha256.txt
    bytes=$(find data -type f -exec cat {} + | wc -c)
    sed -i "s/^Payload-Oxum: .*/Payload-Oxum: $bytes.$(find data -type f | wc -l)/" bag-info.txt
    sha256sum README.md bag-info.txt bagit.txt index.jsonl manifest-sha256.txt >tagmanifest-sha256.txt
    cd ..
    tar czf forged.tar.gz kept
    """

  @Test(arguments: ["claude-code", "pi", "qwen-code"])
  func `a file where the tool keeps none of a session is not restored`(_ format: String) throws {
    let folder = try TemporaryFolder()
    let input = Fixtures.root + "/\(format)/minimal/input"
    try FileManager.default.copyItem(atPath: input, toPath: folder.path("home"))
    try #require(
      CommandLineRun("find home -type f -exec chmod 644 {} +", in: folder.path).code == 0)
    let kept = try CommandLineRun(
      "exec carryover backup home kept.tar.gz --from \(format)", in: folder.path)
    #expect(kept.code == 0, "\(kept.errors)")
    let forged = try CommandLineRun(Self.forge, in: folder.path)
    try #require(forged.code == 0, "\(forged.errors)")
    let verified = try CommandLineRun(
      "exec carryover verify forged.tar.gz --quick", in: folder.path)
    #expect(verified.code == 0, "it is not forged well: \(verified.output)")
    let restored = try CommandLineRun("exec carryover restore forged.tar.gz back", in: folder.path)
    #expect(restored.code == 5, "\(restored.output) \(restored.errors)")
    #expect(restored.output.contains("zz-settings.json"))
    let files = try? FileManager.default.subpathsOfDirectory(atPath: folder.path("back"))
    #expect(files?.contains { $0.hasSuffix(".json") || $0.hasSuffix(".jsonl") } != true)
    // The bundle itself comes back.
    let whole = try CommandLineRun("exec carryover restore kept.tar.gz whole", in: folder.path)
    #expect(whole.code == 0, "\(whole.errors)")
  }
}
