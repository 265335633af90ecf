/// The rules that hold for sessions of every format.
public enum Rules {
  /// All rules, in the order in which they are documented.
  public static let all: [any Rule.Type] = [
    SequenceOrder.self,
    MessageIDUnique.self,
    LastHeadWins.self,
    CheckpointNotEmpty.self,
    CheckpointKeepsEffective.self,
    CheckpointRefersToMessages.self,
    CheckpointRepeatsMessages.self,
    CheckpointTokenCount.self,
    ParentExists.self,
    ParentAcyclic.self,
    ToolResultHasCall.self,
    ToolCallAnswered.self,
    ToolCallIDUnique.self,
    ToolResultUnique.self,
    UsageTotal.self,
    MessageTimeOrder.self,
    CreatedBeforeUpdated.self,
    RoleKnown.self,
    FirstRole.self,
    TitlePresent.self,
    UserTextPresent.self,
    TextExact.self,
    IDForm.self,
    ToolIDPresent.self,
    TurnOrder.self,
    Damage.self,
  ]
}
