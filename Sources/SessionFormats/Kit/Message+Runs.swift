internal import SessionModel

extension Message {
  /// The message in parts for formats that keep each tool's result in a record of its own.
  ///
  /// A result is a part, and so is what stands between results; the first part has the identifier.
  var runs: [Message] {
    var runs: [Message] = []
    var rest = blocks[...]
    while let first = rest.first {
      var run = self
      run.blocks = first.isToolResult ? [first] : Array(rest.prefix { !$0.isToolResult })
      if !runs.isEmpty { run.id = nil }
      rest = rest.dropFirst(run.blocks.count)
      runs.append(run)
    }
    return runs
  }
}
