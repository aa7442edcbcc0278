import type { ClientChannel } from 'ssh2';
import { KubewrightError } from '../../core/errors.js';
import type { Command } from '../command.js';
import type { Deadline } from '../deadline.js';
import { createOutput, type Exit } from '../output.js';
import { pump } from '../pump.js';
import { GRACE_MS, LINGER_MS, type OutputStream, type RunOptions, type RunResult } from '../transport.js';
import type { SshConnection } from './connection.js';

/** What came of trying to run a command on a connection. The last two: it was not started, so another try does no harm. */
export type Execution =
  | { readonly kind: 'done'; readonly result: RunResult }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'not-connected'; readonly reason: string };

/**
 * Runs a command on a channel of its own. Rejects with `ssh-connection-lost` when the connection breaks while it
 * runs, and with the deadline's error when that aborts: the command then loses its input, then its output.
 */
export function execute(
  connection: SshConnection,
  command: Command,
  options: RunOptions,
  deadline: Deadline,
): Promise<Execution> {
  return new Promise((resolve, reject) => {
    const output = createOutput(command, options);
    const ended = new AbortController();
    let channel: ClientChannel | undefined;

    const stop = (error: Error) => {
      if (ended.signal.aborted) return;
      settle(() => reject(error));
      if (channel !== undefined) terminate(channel);
    };
    const abort = () => stop(deadline.error());
    const settle = (how: () => void) => {
      deadline.signal.removeEventListener('abort', abort);
      ended.abort();
      how();
    };

    const listen = (opened: ClientChannel) => {
      let exit: Exit | undefined;
      let lingering: NodeJS.Timeout | undefined;
      const finish = () => {
        clearTimeout(lingering);
        if (ended.signal.aborted) return;
        if (exit === undefined) return stop(connection.lost() ?? vanished(command));
        const result = output.result(exit);
        settle(() => resolve({ kind: 'done', result }));
      };
      const take = (chunk: Uint8Array, stream: OutputStream) => {
        lingering?.refresh();
        output.push(chunk, stream);
      };
      opened.on('data', (chunk: Uint8Array) => take(chunk, 'stdout'));
      opened.stderr.on('data', (chunk: Uint8Array) => take(chunk, 'stderr'));
      opened.on('error', stop);
      opened.on('exit', (code: number | null, signal?: string) => {
        exit = { code, signal };
        // What the command left running in the background may hold the streams open for ever.
        lingering = setTimeout(() => {
          finish();
          opened.close();
        }, LINGER_MS);
      });
      opened.on('close', finish);
    };

    if (deadline.signal.aborted) return abort();
    deadline.signal.addEventListener('abort', abort, { once: true });
    const started = (error: (Error & { reason?: unknown }) | undefined, opened?: ClientChannel) => {
      if (error !== undefined || opened === undefined) {
        if (ended.signal.aborted) return;
        const reason = error?.message ?? 'no channel';
        // The command was sent but not answered: whether it runs, nobody knows. So it must not be tried again.
        if (/unable to exec/i.test(reason)) return stop(connection.lost() ?? denied(command));
        const kind = connection.lost() !== undefined || error?.reason === undefined ? 'not-connected' : 'refused';
        return settle(() => resolve({ kind, reason }));
      }
      channel = opened;
      // At once: what sshd has sent in the same segment is already on its way here.
      listen(opened);
      if (ended.signal.aborted) return terminate(opened);
      pump(options.stdin, opened, ended.signal).catch(stop);
    };
    try {
      connection.client.exec(command.text, started);
    } catch (error) {
      started(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

/**
 * The end of input reaches everybody who minds it. The signal reaches fewer: sshd passes it on to the process group for
 * users other than root only, and not past sudo. Output is still taken for a while: whoever cleans up must not die of a broken pipe.
 */
function terminate(channel: ClientChannel): void {
  channel.signal('TERM');
  channel.end();
  const patience = setTimeout(() => channel.close(), GRACE_MS).unref();
  channel.once('close', () => clearTimeout(patience));
}

function denied(command: Command): KubewrightError {
  return new KubewrightError('ssh-channel-refused', 'sshd opened a session but refuses to run commands in it.', {
    command: command.redacted,
    hint: 'Is the user restricted in sshd_config (ForceCommand, ChrootDirectory)?',
  });
}

function vanished(command: Command): KubewrightError {
  return new KubewrightError('ssh-connection-lost', 'sshd ended the session without saying how the command ended.', {
    command: command.redacted,
    retryable: true,
  });
}
