import type { Flag } from './command.js';

/** The flags that every verb takes, before or after the verb's name. */
export const COMMON_FLAGS = [
  {
    name: 'file',
    short: 'f',
    value: 'FILE',
    default: 'cluster.yaml',
    description: "The cluster's configuration.",
    env: 'KUBEWRIGHT_FILE',
    completes: 'file',
  },
  { name: 'yes', short: 'y', description: 'Answer every question with yes.' },
  {
    name: 'output',
    short: 'o',
    value: 'FORMAT',
    choices: ['text', 'json'],
    default: 'text',
    description: 'Text for people, or one JSON object a line: events as they happen, the result last.',
    env: 'KUBEWRIGHT_OUTPUT',
  },
  { name: 'quiet', short: 'q', description: 'Say nothing but the result and errors.' },
  { name: 'verbose', short: 'v', description: 'Show every line that the commands on the hosts print.' },
] as const satisfies readonly Flag[];

/** One of the flags that every verb takes. */
export type CommonFlag = (typeof COMMON_FLAGS)[number];
