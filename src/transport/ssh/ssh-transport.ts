import { setTimeout as delay } from 'node:timers/promises';
import pLimit, { type LimitFunction } from 'p-limit';
import { KubewrightError } from '../../core/errors.js';
import type { Command } from '../command.js';
import { type Deadline, startDeadline } from '../deadline.js';
import { ownInput } from '../pump.js';
import type { SshTarget } from '../target.js';
import type { RunOptions, RunResult, Transport } from '../transport.js';
import type { SshConnection } from './connection.js';
import { describeHost, describeTarget } from './describe.js';
import { execute } from './exec.js';

/**
 * Commands over one SSH connection, at most `channels` at a time. A connection that is lost is opened anew by the next
 * command, and under a command only when that had not been started yet: nothing ever runs twice.
 */
export class SshTransport implements Transport {
  readonly description: string;
  readonly #target: SshTarget;
  readonly #reopen: (signal: AbortSignal) => Promise<SshConnection>;
  readonly #channels: LimitFunction;
  readonly #disposed = new AbortController();
  #connection: Promise<SshConnection> | undefined;

  /** `reopen` makes another connection in place of a lost one; it has its own time limit. */
  constructor(
    target: SshTarget,
    parts: {
      readonly channels: number;
      readonly connection: SshConnection;
      readonly reopen: (signal: AbortSignal) => Promise<SshConnection>;
    },
  ) {
    this.description = describeTarget(target);
    this.#target = target;
    this.#connection = Promise.resolve(parts.connection);
    this.#reopen = parts.reopen;
    this.#channels = pLimit(parts.channels);
  }

  async run(command: Command, options: RunOptions): Promise<RunResult> {
    using deadline = startDeadline(`a command on ${describeHost(this.#target)}`, options);
    using _input = ownInput(options.stdin);
    let reconnected = false;
    let refusedSince: number | undefined;
    for (;;) {
      const execution = await this.#inTurn(deadline, async () =>
        execute(await this.#live(), command, options, deadline),
      );
      if (execution.kind === 'done') return execution.result;
      if (execution.kind === 'not-connected') {
        if (reconnected) throw this.#error('ssh-connection-lost', `broke: ${execution.reason}`);
        reconnected = true;
        await this.#forget();
        continue;
      }
      // sshd permits fewer than we thought (MaxSessions): from now on no more than what runs beside this one.
      this.#channels.concurrency = Math.max(1, this.#channels.activeCount);
      refusedSince ??= performance.now();
      if (performance.now() - refusedSince > REFUSALS_MS && this.#channels.activeCount === 0) {
        throw this.#error('ssh-channel-refused', `opens no session: ${execution.reason}`);
      }
      await delay(RETRY_MS * (0.5 + Math.random()));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
    await this.#forget();
  }

  /** Runs `task` when a channel is free; gives up waiting, not the task, when the deadline aborts. */
  #inTurn<T>(deadline: Deadline, task: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const abort = () => reject(deadline.error());
      if (deadline.signal.aborted) return abort();
      deadline.signal.addEventListener('abort', abort, { once: true });
      this.#channels(async () => {
        if (deadline.signal.aborted) throw deadline.error();
        return await task();
      })
        .finally(() => deadline.signal.removeEventListener('abort', abort))
        .then(resolve, reject);
    });
  }

  /** The connection, opened where there is none or where it is lost; those who ask at the same time share it. */
  async #live(): Promise<SshConnection> {
    if (this.#disposed.signal.aborted) throw this.#error('ssh-connection-lost', 'was closed by this program');
    const current = this.#connection;
    if (current !== undefined) {
      const connection = await current;
      if (connection.lost() === undefined) return connection;
      if (this.#connection === current) this.#connection = undefined;
    }
    this.#connection ??= this.#reopen(this.#disposed.signal);
    const opening = this.#connection;
    try {
      return await opening;
    } catch (error) {
      if (this.#connection === opening) this.#connection = undefined;
      throw error;
    }
  }

  async #forget(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.then((open) => open.close()).catch(() => {});
  }

  #error(code: 'ssh-connection-lost' | 'ssh-channel-refused', what: string): KubewrightError {
    return new KubewrightError(code, `The connection to ${describeHost(this.#target)} ${what}.`, {
      host: this.#target.name,
      retryable: true,
    });
  }
}

/** How long refusals are put up with while nothing else of ours runs on the connection, and about how often it is tried. */
const REFUSALS_MS = 10_000;
const RETRY_MS = 100;
