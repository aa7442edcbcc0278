import { randomBytes } from 'node:crypto';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { KubewrightError } from '../core/errors.js';
import type { Command } from '../transport/command.js';
import type { OutputStream, RunOptions, RunResult, Transport } from '../transport/transport.js';
import { type Elevation, explainRefusal, shellLine } from './become-root.js';
import { wrapScript } from './root-script.js';

export interface RootScriptOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Becomes the script's standard input, which is empty otherwise. */
  readonly input?: Readable | undefined;
  /** Lines of the script alone, without what login shells and sudo say. */
  readonly onLine: (line: string, stream: OutputStream) => void;
}

/** Runs scripts as root over a transport, becoming root on the way. */
export interface RootShell {
  /** Resolves with the script's exit and its own output. Rejects where no shell was reached (`sudo-…`, `remote-shell-failed`), and as the transport does. */
  run(script: Command, options: RootScriptOptions): Promise<RunResult>;
}

/** A shell of root on one host; the sudo password is asked for once, and only if sudo wants one. */
export function createRootShell(name: string, transport: Transport, elevation: Elevation): RootShell {
  let password: Promise<string> | undefined;
  let refused: KubewrightError | undefined;

  async function run(script: Command, options: RootScriptOptions): Promise<RunResult> {
    // A wrong password does not become right, and some systems lock the account after a few.
    if (refused !== undefined) throw refused;
    const known = await password;
    const attempt = await converse(transport, elevation, known, script, options);
    if (attempt.kind === 'entered') return attempt.result;
    if (attempt.passwordWanted && known === undefined && elevation.kind === 'sudo-password') {
      // Asked while nothing waits on the other side: people need longer than sshd and sudo have patience.
      password ??= elevation.password();
      password.catch(() => {
        password = undefined;
      });
      await password;
      return await run(script, options);
    }
    const error = explainRefusal({
      host: name,
      description: transport.description,
      elevation,
      code: attempt.result.code,
      said: attempt.said,
      passwordRefused: attempt.passwordWanted,
    });
    if (error.code === 'sudo-password-wrong') refused = error;
    throw error;
  }

  return { run };
}

type Attempt =
  | { readonly kind: 'entered'; readonly result: RunResult }
  | {
      readonly kind: 'refused';
      readonly result: RunResult;
      readonly said: readonly string[];
      /** sudo asked for a password and either had none or did not like it. */
      readonly passwordWanted: boolean;
    };

async function converse(
  transport: Transport,
  elevation: Elevation,
  password: string | undefined,
  script: Command,
  options: RootScriptOptions,
): Promise<Attempt> {
  const token = `kubewright-${randomBytes(8).toString('hex')}`;
  const wrapped = wrapScript(script, token, options.input === undefined ? 'none' : 'follows');
  const stdin = new PassThrough({ highWaterMark: INPUT_BUFFER });
  const said: string[] = [];
  const entered = { stdout: false, stderr: false };
  let prompts = 0;

  const watch = createWatch(token, {
    password() {
      prompts += 1;
      if (prompts === 1 && password !== undefined) stdin.write(`${password}\n`);
      else stdin.end();
    },
    ready: () => stdin.write(wrapped),
    begun() {
      // The script has been read to its end: what comes now is its input. Without any, standard input stays open.
      if (options.input !== undefined) pipeline(options.input, stdin).catch(() => {});
    },
  });
  if (elevation.kind !== 'sudo-password') stdin.write(wrapped);

  const line = shellLine(elevation, token);
  const secrets = password === undefined ? script.secrets : [...script.secrets, password];
  try {
    const result = await transport.run(
      { text: line, redacted: line, secrets },
      {
        signal: options.signal,
        timeoutMs: options.timeoutMs,
        stdin,
        onData: watch,
        onLine(text, stream) {
          if (entered[stream]) options.onLine(text, stream);
          else if (text === token) entered[stream] = true;
          else if (text !== `${token}-ready`) said.push(text.replaceAll(`${token}-password`, ''));
        },
      },
    );
    if (!entered.stdout)
      return { kind: 'refused', result, said, passwordWanted: prompts > (password === undefined ? 0 : 1) };
    return {
      kind: 'entered',
      result: { ...result, stdout: own(result.stdout, token), stderr: own(result.stderr, token) },
    };
  } finally {
    stdin.destroy();
    options.input?.destroy();
  }
}

/** Enough for the chunks of an upload to pass through without waiting for each other. */
const INPUT_BUFFER = 4 * 1024 * 1024;

interface Signs {
  /** sudo asks for the password, each time that it does. */
  password(): void;
  /** The shell that sudo started waits for the script; once. */
  ready(): void;
  /** The script begins; once, and nothing else is looked for after it. */
  begun(): void;
}

/** Looks for the words of our protocol in the raw output, also when they are split across chunks. */
function createWatch(token: string, signs: Signs): NonNullable<RunOptions['onData']> {
  const begin = `\n${token}\n`;
  // sudo shows our prompt, unless a PAM module insists on its own: "LDAP Password: ".
  const prompt = new RegExp(`${token}-password|(?:password|passcode|factor|PIN)[^\\n]*: ?$`, 'i');
  const longest = 200;
  let stdout = '';
  let stderr = '';
  let ready = false;
  let begun = false;
  return (chunk, stream) => {
    if (begun) return;
    // The words are ASCII, so one character a byte will do.
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    if (stream === 'stderr') {
      stderr += text;
      for (let match = prompt.exec(stderr); match !== null; match = prompt.exec(stderr)) {
        stderr = stderr.slice(match.index + match[0].length);
        signs.password();
      }
      stderr = stderr.slice(-longest);
      return;
    }
    stdout += text;
    if (!ready && stdout.includes(`${token}-ready\n`)) {
      ready = true;
      signs.ready();
    }
    if (stdout.includes(begin)) {
      begun = true;
      signs.begun();
    }
    stdout = stdout.slice(-longest);
  };
}

/** What the script itself printed: everything after the token. */
function own(output: string, token: string): string {
  const marker = `\n${token}\n`;
  const at = output.indexOf(marker);
  return at === -1 ? '' : output.slice(at + marker.length);
}
