extension RuleCase {
  static let all = order + heads + checkpoints + parents + tools + content
}
