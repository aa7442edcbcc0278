/** Every exit code of every verb; docs/reference/exit-codes.md is generated from this table. */
export const EXIT_CODES = {
  done: { code: 0, meaning: 'Done. Nothing is wrong, and nothing is left to do.' },
  failed: { code: 1, meaning: 'Failed, or what was looked at is not healthy. The output says what and where.' },
  changesPending: { code: 2, meaning: '`plan` only: `up` would change something.' },
  usage: { code: 64, meaning: 'The command line or the configuration is wrong. Nothing was touched.' },
  interrupted: {
    code: 130,
    meaning: 'Interrupted by Ctrl-C or SIGTERM. The same command goes on from where it stood.',
  },
} as const satisfies Record<string, ExitCodeInfo>;

/** `EXIT.done`, `EXIT.usage`…: the numbers alone. */
export const EXIT = {
  done: EXIT_CODES.done.code,
  failed: EXIT_CODES.failed.code,
  changesPending: EXIT_CODES.changesPending.code,
  usage: EXIT_CODES.usage.code,
  interrupted: EXIT_CODES.interrupted.code,
} as const;

/** One row of the table of exit codes. */
export interface ExitCodeInfo {
  readonly code: number;
  readonly meaning: string;
}
