extension FormatInfo {
  /// Names of files in which tools and people keep what grants access, in lower case.
  ///
  /// They may lie anywhere in a store, in the folders of sessions too.
  public static let accessFiles: Set<String> = [
    ".credentials.json", ".git-credentials", ".htpasswd", ".netrc", ".npmrc", ".pgpass", ".pypirc",
    "access_token", "account.json", "accounts.json", "api_key", "api_keys.json",
    "application_default_credentials.json", "auth-profiles.json", "auth.encrypted", "auth.json",
    "auth.toml", "auth.yaml", "auth.yml", "client_secret.json", "credentials", "credentials.db",
    "credentials.enc", "credentials.json", "credentials.toml", "credentials.yaml",
    "credentials.yml",
    "google_accounts.json", "id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk",
    "id_rsa", "keys.json", "kubeconfig", "mcp-oauth-tokens.json", "mcp-tokens.json", "netrc",
    "oauth.json", "oauth_creds.json", "oauth_tokens.json", "secret.json", "secrets.env",
    "secrets.json", "secrets.toml", "secrets.yaml", "secrets.yml", "service-account.json",
    "service_account.json", "token", "token.json", "tokens.json",
  ]

  /// Whether a file of this name grants access, whatever tool it is of.
  ///
  /// `.env` counts, and so does `.env.local`; what is an example of one does not.
  public func grantsAccess(file name: String) -> Bool {
    if neverCarried.contains(name) { return true }
    let name = name.lowercased()
    if Self.accessFiles.contains(name) || name == ".env" || name == ".envrc" { return true }
    return name.hasPrefix(".env.")
      && ![".example", ".sample", ".template"].contains { name.hasSuffix($0) }
  }

  /// The files of a session without those that grant access.
  ///
  /// Its main file is what reads as the session, so it is left out only if the tool keeps keys in it.
  public func harmless(_ files: [SessionFile]) -> [SessionFile] {
    files.enumerated().filter { index, file in
      index == 0 ? !neverCarried.contains(file.name) : !grantsAccess(file: file.name)
    }.map(\.element)
  }
}
