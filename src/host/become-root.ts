import { KubewrightError } from '../core/errors.js';

/**
 * How a remote shell that has root's rights is started. The line is the same words in every login shell (sh, bash,
 * zsh, fish, csh): nothing in it needs quoting but one pair of single quotes. What is secret comes over standard input.
 */
export type Elevation =
  /** The user is root. */
  | { readonly kind: 'none' }
  /** sudo that must not ask. */
  | { readonly kind: 'sudo' }
  /** sudo that may ask for a password, which is then given on standard input. */
  | { readonly kind: 'sudo-password'; readonly password: () => Promise<string> };

/** The remote command line. `token` is a random word: sudo's prompt, and the sign that the shell has been reached. */
export function shellLine(elevation: Elevation, token: string): string {
  switch (elevation.kind) {
    case 'none':
      return 'exec sh -s';
    case 'sudo':
      // env: sudo's complaints in English, whatever the system speaks.
      return 'exec env LC_ALL=C sudo -n sh -s';
    case 'sudo-password':
      // sudo -S takes further lines for further attempts. So the script waits until the shell has said that it is there.
      return `exec env LC_ALL=C sudo -S -p ${token}-password sh -c 'echo ${token}-ready; exec sh -s'`;
  }
}

export interface Refusal {
  readonly host: string;
  /** "admin@10.0.1.5:22". */
  readonly description: string;
  readonly elevation: Elevation;
  readonly code: number;
  /** What was said instead of running the script, line by line. */
  readonly said: readonly string[];
  /** Was a password given and asked for again? */
  readonly passwordRefused: boolean;
}

/** The error for a shell that ended before it ran the script. */
export function explainRefusal(refusal: Refusal): KubewrightError {
  const { host, description, elevation, code } = refusal;
  const output = refusal.said.filter((line) => line.trim() !== '').slice(-20);
  const text = output.join('\n');
  const fail = (errorCode: Parameters<typeof make>[0], what: string) => make(errorCode, `${description}: ${what}`);
  const make = (
    errorCode:
      | 'sudo-missing'
      | 'sudo-password-needed'
      | 'sudo-password-wrong'
      | 'sudo-not-permitted'
      | 'remote-shell-failed',
    message: string,
  ) => new KubewrightError(errorCode, message, { host, output });

  if (elevation.kind !== 'none') {
    if (refusal.passwordRefused || /incorrect password|incorrect authentication attempt/i.test(text)) {
      return fail('sudo-password-wrong', 'sudo refused the password.');
    }
    if (/password is required|interactive authentication is required|terminal is required/i.test(text)) {
      return fail('sudo-password-needed', 'sudo wants a password, and none was given.');
    }
    if (
      /not in the sudoers|may not run sudo|not allowed to (?:execute|run)|can't do that|must have a tty/i.test(text)
    ) {
      return fail('sudo-not-permitted', `sudo does not let the user become root: ${output.at(-1)}`);
    }
    if (code === 127 || code === 126 || /sudo: (?:command )?not found/i.test(text)) {
      return fail('sudo-missing', 'the user is not root, and there is no sudo.');
    }
  }
  const said = text === '' ? 'it said nothing' : `it said: ${output.at(-1)}`;
  return fail('remote-shell-failed', `the login shell ended with exit code ${code} before it ran a script; ${said}`);
}
