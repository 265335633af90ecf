import SessionModel
import Testing

@testable import Conversion

/// What becomes of a head that goes to another tool, is changed there, and comes back.
@Suite struct HeadReturnTests {
  private func head(_ change: (inout SessionHead) -> Void) -> SessionHead {
    var head = SessionHead(id: "a")
    change(&head)
    return head
  }

  @Test func `what the other tool could not state stays`() {
    let base = head {
      $0.mode = "chat"; $0.providerKey = "ollama"; $0.model = "qwen"
    }
    let before = head { $0.model = "qwen" }
    let after = head {
      $0.mode = "normal"; $0.providerKey = "anthropic"; $0.model = "haiku"
    }
    let merged = HeadFields.merge(base, before: before, after: after)
    #expect(merged.mode == "chat")
    // A provider and another one's model would not work together.
    #expect(merged.providerKey == "ollama" && merged.model == "qwen")
  }

  @Test func `what was changed there comes back`() {
    let base = head {
      $0.title = "old"; $0.providerKey = "anthropic"; $0.model = "opus"
    }
    let after = head {
      $0.title = "new"; $0.providerKey = "anthropic"; $0.model = "haiku"
    }
    let merged = HeadFields.merge(base, before: base, after: after)
    #expect(merged.title == "new" && merged.model == "haiku")
  }

  @Test func `tokens used there are added`() {
    let base = head { $0.usage = TokenUsage(input: 19_068, output: 7) }
    let after = head { $0.usage = TokenUsage(input: 1, output: 1) }
    let merged = HeadFields.merge(base, before: head { _ in }, after: after)
    #expect(merged.usage == TokenUsage(input: 19_069, output: 8))
  }
}
