import * as z from 'zod';
import * as check from './checks.js';
import { integer, listOf, text } from './fields.js';

/* How to log in to a machine: the same fields for one machine and, as defaults, for all of them. */

const PATH = 'Relative to the folder of this file; `~/` is your home.';

export const user = text('the name of a user', check.user, {
  about: 'The user to log in as: root, or one who may use sudo.',
  examples: ['admin'],
});

export const port = integer(1, 65535, 'The port of the SSH server.');

export const identityFile = text('the path of a file', check.path, {
  about: `The private SSH key. Without one: the SSH agent, then ~/.ssh/id_ed25519, id_ecdsa and id_rsa. ${PATH}`,
  examples: ['~/.ssh/id_ed25519'],
});

const environmentVariable = text('the name of a variable', check.environmentVariable, {
  about: 'The environment variable that holds it.',
  examples: ['SUDO_PASSWORD'],
});

const passwordFile = text('the path of a file', check.path, {
  about: `The file whose first line it is. ${PATH}`,
  examples: ['~/.sudo-password'],
});

export const sudoPassword = z
  .union(
    [z.literal('prompt'), z.strictObject({ env: environmentVariable }), z.strictObject({ file: passwordFile })],
    'expected prompt, {env: NAME} or {file: PATH}',
  )
  .describe(
    'Where the password for sudo comes from: `prompt` (asked for once, on the terminal), `{env: NAME}` or `{file: PATH}`; never the password itself. Without this field sudo must not ask for one.',
  );

const publicKey = text('a public host key', check.publicKey, {
  about: 'A public key: what a file /etc/ssh/ssh_host_*_key.pub of the machine holds.',
  examples: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIILO1Bm+QhdvnaD5ohZG54705lvIcjeNSRdVJCg0HBkh'],
});

const pinned = listOf(publicKey, (key) => key)
  .min(1, 'expected at least one key')
  .describe('The public keys that are accepted, and no other.');

export const hostKey = z
  .union(
    [z.enum(['known-hosts', 'trust-on-first-use']), z.strictObject({ pinned })],
    'expected known-hosts, trust-on-first-use or {pinned: [KEY, …]}',
  )
  .describe(
    "Which host key is accepted: `known-hosts`, one that ~/.ssh/known_hosts or the cluster's own file holds; `trust-on-first-use`, an unknown one too, which is pinned from then on; `{pinned: [KEY, …]}`, exactly these.",
  );
