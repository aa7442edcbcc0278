import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { KubewrightError } from '../../core/errors.js';
import type { HostSpec, SecretSource } from '../../model/cluster.js';

/** Secrets as functions that are called only when a secret is really wanted; whatever was asked for once is not asked again. */
export interface Secrets {
  /** One question for all hosts of a user: who has ten machines has one password on them, or says it by file or environment. */
  sudoPassword(source: SecretSource, host: HostSpec, ask: AskSecret | undefined): () => Promise<string>;
  passphrase(path: string, ask: AskSecret | undefined): () => Promise<string>;
}

export type AskSecret = (prompt: string) => Promise<string>;

/** Errors: `secret-missing` where a file, a variable or a terminal to ask on is not there. */
export function createSecrets(): Secrets {
  const asked = new Map<string, Promise<string>>();
  const once = (prompt: string, ask: AskSecret | undefined): Promise<string> => {
    const known = asked.get(prompt);
    if (known !== undefined) return known;
    const answer = askWith(ask, prompt);
    asked.set(prompt, answer);
    // One that could not be asked is asked anew.
    answer.catch(() => asked.delete(prompt));
    return answer;
  };
  return {
    sudoPassword: (source, host, ask) => async () => {
      switch (source.kind) {
        case 'environment':
          return fromEnvironment(source.name, host);
        case 'file':
          return await fromFile(source.path, host);
        case 'prompt':
          return await once(`sudo password of ${host.user} on the hosts`, ask);
      }
    },
    passphrase: (path, ask) => () => once(`Passphrase of ${path}`, ask),
  };
}

async function askWith(ask: AskSecret | undefined, prompt: string): Promise<string> {
  if (ask !== undefined) return await ask(prompt);
  throw new KubewrightError('secret-missing', `${prompt}: there is nobody to ask`);
}

function fromEnvironment(name: string, host: HostSpec): string {
  const value = process.env[name];
  if (value !== undefined && value !== '') return value;
  throw new KubewrightError(
    'secret-missing',
    `The environment variable ${name}, which holds the sudo password of ${host.user}@${host.address}, is ${value === undefined ? 'not set' : 'empty'}`,
    { hint: `Set it for this command only: ${name}=… kubewright up` },
  );
}

async function fromFile(path: string, host: HostSpec): Promise<string> {
  const whose = `the sudo password of ${host.user}@${host.address}`;
  const text = await readFile(path.replace(/^~(?=\/)/, homedir()), 'utf8').catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new KubewrightError('secret-missing', `${whose} cannot be read: ${why}`, { cause: error });
  });
  // Editors end a file with a line break; it is no part of the password.
  const value = text.replace(/\r?\n$/, '');
  if (value !== '') return value;
  throw new KubewrightError('secret-missing', `${path}, which holds ${whose}, is empty`);
}
