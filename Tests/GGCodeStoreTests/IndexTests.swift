import FileIO
import SessionModel
import TestSupport
import Testing

@testable import GGCodeStore

/// The list in `index.json`, when it has to be made anew.
@Suite struct IndexTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A store whose clock is far from the times in its files.
  private func store(_ profile: JSONLStore.Profile, safe: Bool = true) throws -> JSONLStore {
    var options = JSONLStore.Options()
    options.profile = profile
    options.repeatsDataLoss = !safe
    options.now = { Timestamp(seconds: 4_070_908_800) }
    return try JSONLStore(directory: folder.path("sessions"), options: options)
  }

  private static let created = Timestamp(seconds: 1_772_355_600)

  private func fill(_ store: JSONLStore) throws {
    for number in 1...2 {
      var session = newSession(
        vendor: "v", endpoint: "coding", model: "m", now: Self.created)
      session.id = "s\(number)"
      session.title = "About \(number)"
      session.messages = [Message(role: "user", text: "question \(number)")]
      try store.ensureMeta(session)
      try store.appendMessageToDisk(session.messages[0], of: session)
    }
  }

  @Test(arguments: [JSONLStore.Profile.documented, .current], [true, false])
  func `A list that is made anew has the times and endpoints of the files`(
    profile: JSONLStore.Profile, safe: Bool
  ) async throws {
    try fill(try store(profile, safe: safe))
    for broken in [nil, "{"] {
      let index = folder.path("sessions/index.json")
      if let broken {
        var output = try AtomicOutput(replacing: index)
        try output.write(broken)
        try output.commit(durable: false)
      } else {
        try removeFile(index)
      }
      let store = try store(profile, safe: safe)
      let list = try store.list()
      await store.finishMaintenance()
      #expect(Set(list.map(\.id)) == ["s1", "s2"])
      for session in try list + store.list() {
        #expect(session.createdAt == Self.created)
        #expect(session.updatedAt == Self.created)
        #expect(session.endpoint == "coding")
        #expect(session.title == "About \(session.id.dropFirst())")
      }
      await store.finishMaintenance()
    }
  }

  @Test(arguments: [JSONLStore.Profile.documented, .current])
  func `A store without sessions lists none`(profile: JSONLStore.Profile) async throws {
    let store = try store(profile)
    #expect(try store.list() == [])
    await store.finishMaintenance()
    #expect(try store.list() == [])
    await store.finishMaintenance()
  }
}
