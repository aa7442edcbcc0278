import type { CommandDefinition } from './command.js';
import { completeCommand } from './commands/complete.js';
import { completion } from './commands/completion.js';
import { doctor } from './commands/doctor.js';
import { down } from './commands/down.js';
import { exec } from './commands/exec.js';
import { init } from './commands/init.js';
import { kubeconfig } from './commands/kubeconfig.js';
import { node } from './commands/node.js';
import { plan } from './commands/plan.js';
import { reset } from './commands/reset.js';
import { scale } from './commands/scale.js';
import { ssh } from './commands/ssh.js';
import { status } from './commands/status.js';
import { tunnel } from './commands/tunnel.js';
import { up } from './commands/up.js';
import { validate } from './commands/validate.js';

const VERBS: readonly CommandDefinition[] = [
  init,
  validate,
  plan,
  up,
  status,
  scale,
  node,
  kubeconfig,
  tunnel,
  ssh,
  exec,
  reset,
  down,
  doctor,
  completion,
];

/** Every verb, in the order in which help and docs show them: the way a user meets them. */
export const COMMANDS: readonly CommandDefinition[] = [...VERBS, completeCommand(VERBS)];
