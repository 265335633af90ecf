internal import SessionFormats

/// Whether every release can reach a session of this identifier.
func isSafe(_ id: String) -> Bool { GGCodeName.isSafe(id) }

/// The session that a file name stands for; nil for other files.
func sessionIdentifier(fileName: String) -> String? {
  fileName.hasSuffix(".jsonl") ? String(fileName.dropLast(6)) : nil
}
