internal import FileIO
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
    // What was made here can be read; if not, all stays as it is.
    return isChanged ? (try? Parts(json: json)) ?? self : self
  }

  /// Without the bytes of images that are files below a folder; all else of them stays.
  ///
  /// - Parameter folder: A path with its links followed.
  func withoutImages(below folder: String) -> Parts {
    var json: [UInt8] = [UInt8(ascii: "[")]
    var isChanged = false
    for element in elements {
      if json.count > 1 { json.append(UInt8(ascii: ",")) }
      guard element["Type"]?.string?.equals("image") == true,
        element["ImageData"]?["base64"] != nil, let path = element["ImagePath"]?.string?.string,
        pathFollowingLinks(path)?.hasPrefix(folder + "/") == true
      else {
        json += element.raw
        continue
      }
      isChanged = true
      var writer = JSONWriter(escaping: .html)
      writer.beginObject()
      for (key, value) in element.members {
        writer.key(key)
        guard key.equals("ImageData") else {
          writer.raw(value.raw)
          continue
        }
        writer.beginObject()
        for (key, value) in value.members where !key.equals("base64") {
          writer.key(key)
          writer.raw(value.raw)
        }
        writer.endObject()
      }
      writer.endObject()
      json += writer.bytes
    }
    json.append(UInt8(ascii: "]"))
    // As above.
    return isChanged ? (try? Parts(json: json)) ?? self : self
  }
}
