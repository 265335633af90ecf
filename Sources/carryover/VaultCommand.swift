internal import ArgumentParser

struct VaultCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vault",
    abstract: "Looks into a vault of backups, and thins it out.",
    discussion: """
      A vault is a folder to which `carryover backup` adds what is new. Each run that adds something \
      leaves a snapshot: a list of the newest states of all sessions.

      EXAMPLES:
        carryover vault list ~/vault
        carryover vault history ~/vault 20260301
        carryover restore ~/vault then --snapshot 20260301T090000Z
        carryover vault forget ~/vault --keep-daily 7 --keep-weekly 4 --keep-monthly 12
        carryover vault compact ~/vault
        carryover vault list ~/locked-vault --identity key.txt
      """,
    subcommands: [
      VaultListCommand.self, VaultHistoryCommand.self, VaultShowCommand.self,
      VaultForgetCommand.self, VaultCompactCommand.self,
    ])
}
