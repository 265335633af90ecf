/// The beginning of an object's text up to the value of one of its members, scanned before.
///
/// Records of one kind often begin alike. What such a beginning says need not be found out again: a
/// scan that resumes behind it gives what a whole scan gives.
struct JSONPrefix: Sendable {
  let text: [UInt8]
  /// The object, which is still open, and all keys and values up to the member's key.
  let nodes: [TapeNode]

  /// - Parameters:
  ///   - key: The tape index of a key of the document's root, which must be an object.
  ///   - document: Its strings must be valid UTF-8.
  init(upTo key: Int, in document: JSONDocument) {
    let start = document.start
    text = Array(document.bytes[start..<Int(document.nodes[key + 1].start)])
    var nodes = document.nodes[...key].map { $0.moved(by: -start) }
    nodes[0].end = 0
    nodes[0].next = 0
    self.nodes = nodes
  }
}
