/** Everything needed to open one SSH connection: plain data, no secrets inside but behind functions. */
export interface SshTarget {
  /** The node's name in messages, and its alias in ssh_config and known_hosts. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly identity: SshIdentity;
  readonly hostKeys: HostKeyCheck;
  /** Asked once, only when sudo wants a password. Absent: sudo must not want one. */
  readonly sudoPassword?: (() => Promise<string>) | undefined;
  /** The machine may still be booting: how long it is waited for, in milliseconds. Absent: it must answer at once. */
  readonly bootMs?: number | undefined;
}

export type SshIdentity =
  /** This private key file; `passphrase` is asked for only when the key is encrypted. */
  | { readonly kind: 'file'; readonly path: string; readonly passphrase?: (() => Promise<string>) | undefined }
  /** The agent of $SSH_AUTH_SOCK, then ~/.ssh/id_ed25519, id_ecdsa, id_rsa. */
  | { readonly kind: 'default' };

/** Which host keys are accepted. `file` is in OpenSSH's known_hosts format. */
export type HostKeyCheck =
  | { readonly kind: 'pinned'; readonly keys: readonly string[] }
  | { readonly kind: 'known-hosts'; readonly files: readonly string[] }
  /** An unknown key is appended to `file` and from then on pinned; a changed one is refused. */
  | { readonly kind: 'trust-on-first-use'; readonly file: string; readonly files: readonly string[] };
