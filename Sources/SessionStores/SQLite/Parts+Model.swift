internal import JSONText

extension Parts {
  /// Without notes to the person, mentions of agents as text.
  var forModel: Parts {
    let own: Set<String> = ["skill_activation", "path_note", "diff_comment"]
    var json: [UInt8] = [UInt8(ascii: "[")]
    var isChanged = false
    for element in elements {
      let type = element["Type"]?.string?.string ?? ""
      if own.contains(type) {
        isChanged = true
        continue
      }
      if json.count > 1 { json.append(UInt8(ascii: ",")) }
      guard type == "agent_mention" else {
        json += element.raw
        continue
      }
      isChanged = true
      var writer = JSONWriter(escaping: .html)
      writer.beginObject()
      for (key, value) in element.members {
        writer.key(key)
        if key.equals("Type") { writer.literal("text") } else { writer.raw(value.raw) }
      }
      writer.endObject()
      json += writer.bytes
    }
    json.append(UInt8(ascii: "]"))
    return isChanged ? (try? Parts(json: json)) ?? self : self
  }
}
