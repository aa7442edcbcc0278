/**
 * Every error code of kubewright with one sentence of meaning and one of advice. The only table:
 * docs/reference/errors.md is generated from it, and `KubewrightError` accepts no other code.
 */
export const ERROR_CODES = {
  // core
  internal: {
    meaning: 'Something happened that the program believes impossible.',
    advice: 'This is a bug. Please report it with the run folder named in the message.',
  },
  interrupted: {
    meaning: 'The run was interrupted before it was complete.',
    advice: 'Run the same command again: it goes on from where it stood.',
  },
  timeout: {
    meaning: 'A wait reached its deadline.',
    advice: 'The message says what was waited for. Look at that, then run the same command again.',
  },
  'program-missing': {
    meaning: 'A program that is needed on this machine is not installed.',
    advice: 'Install it, or put it on the PATH; `kubewright doctor` lists what is missing.',
  },
  'remote-command-failed': {
    meaning: 'A script on a host ended with an error.',
    advice: 'The last lines of its output are shown; the whole is in the run folder, in the transcript of that host.',
  },

  // cli
  usage: {
    meaning: 'The command line makes no sense: an unknown verb or flag, or a value that cannot be.',
    advice: '`kubewright help VERB` shows the flags and examples of a verb.',
  },
  'no-terminal': {
    meaning: 'Something had to be asked, and there is no terminal to ask on.',
    advice: 'Run it on a terminal, or give the answer by a flag or in the configuration.',
  },
  // kube
  'api-unreachable': {
    meaning: 'The API server did not answer.',
    advice:
      'Check that the control plane runs (`kubewright status`) and that this machine can reach the address in the message.',
  },
  'api-refused': {
    meaning: 'The API server answered with an error.',
    advice: "The message holds the server's own words.",
  },
  'kubeconfig-invalid': {
    meaning: 'A kubeconfig cannot be read or written.',
    advice: 'Mend or move the file named in the message, or name another with --kubeconfig.',
  },
  'kubeconfig-locked': {
    meaning: 'Another kubewright is writing the same kubeconfig.',
    advice: 'Wait for it, or remove the lock file named in the message when none runs.',
  },
  // engine
  'preflight-failed': {
    meaning: 'One or more hosts cannot become nodes as they are. Nothing was changed.',
    advice: 'The message lists every problem of every host with its fix. Mend them, then run the same command again.',
  },
  'node-not-ready': {
    meaning: 'A node joined but did not become Ready in time.',
    advice: "See `kubewright status`, and the kubelet's log: `kubewright exec NODE -- journalctl -u kubelet -n 50`.",
  },
} as const satisfies Record<string, ErrorCodeInfo>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorCodeInfo {
  readonly meaning: string;
  readonly advice: string;
}
