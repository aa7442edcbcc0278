import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { KubewrightError } from '../../../src/core/errors.js';
import { createHost } from '../../../src/host/create-host.js';
import type { RemoteHost } from '../../../src/host/remote-host.js';
import type { Command } from '../../../src/transport/command.js';
import { type Deadline, startDeadline } from '../../../src/transport/deadline.js';
import { createOutput } from '../../../src/transport/output.js';
import type { RunOptions, RunResult, Transport } from '../../../src/transport/transport.js';
import { Cut, type FakeMachine } from './machine.js';
import { serveShell } from './serve-shell.js';

/** One run of kubewright, as the machines see it. When it is killed, all that it had begun ends where it is. */
export interface Session {
  readonly killed: boolean;
}

/** Round trips of opening an SSH connection: TCP, key exchange (two), service, login. */
const HANDSHAKE_ROUND_TRIPS = 5;

/** Connects to a fake machine. All above the transport is kubewright's own: errors, uploads, the way to root. */
export async function connectFake(machine: FakeMachine, session: Session, signal: AbortSignal): Promise<RemoteHost> {
  using deadline = startDeadline(`connecting to ${machine.name}`, { signal, timeoutMs: 20_000 });
  await pass(machine, HANDSHAKE_ROUND_TRIPS, deadline);
  if (!answers(machine, session)) throw unreachable(machine);
  machine.traffic.connections += 1;
  machine.traffic.open += 1;
  return createHost({ name: machine.name, transport: transportTo(machine, session), elevation: { kind: 'none' } });
}

function transportTo(machine: FakeMachine, session: Session): Transport {
  return {
    description: `root@${machine.address}:22`,
    async run(command: Command, options: RunOptions): Promise<RunResult> {
      using deadline = startDeadline(`a command on ${machine.name}`, options);
      const { traffic, behaviour } = machine;
      traffic.scripts += 1;
      const broken = behaviour.dropEvery > 0 ? traffic.scripts / behaviour.dropEvery : 0.5;
      await pass(machine, 1, deadline);
      if (!answers(machine, session)) throw unreachable(machine);
      const output = createOutput(command, options);
      const stdin = options.stdin instanceof Readable ? options.stdin : Readable.from([]);
      const serving = serveShell(machine, stdin, {
        out: (text, stream) => output.push(Buffer.from(text), stream),
        alive: () => answers(machine, session) && !deadline.signal.aborted,
        // Each time elsewhere: the golden ratio comes back to no place.
        breaksAt: Number.isInteger(broken) ? (broken * 0.618) % 1 : undefined,
        roundTrip: () => pass(machine, 1, deadline),
      });
      try {
        return output.result({ code: await orAborted(serving, deadline) });
      } catch (error) {
        if (deadline.signal.aborted) throw deadline.error();
        throw error instanceof Cut ? lost(machine) : error;
      }
    },
    async [Symbol.asyncDispose]() {
      machine.traffic.open -= 1;
    },
  };
}

async function pass(machine: FakeMachine, roundTrips: number, deadline: Deadline): Promise<void> {
  const { latencyMs } = machine.behaviour;
  if (latencyMs === 0) return;
  await delay(roundTrips * latencyMs, undefined, { signal: deadline.signal }).catch(() => {
    throw deadline.error();
  });
}

function answers({ on, behaviour }: FakeMachine, session: Session): boolean {
  return on && !behaviour.unreachable && !session.killed;
}

function orAborted<T>(work: Promise<T>, { signal, error }: Deadline): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(error());
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    work.finally(() => signal.removeEventListener('abort', abort)).then(resolve, reject);
  });
}

function unreachable({ name, address }: FakeMachine): KubewrightError {
  return new KubewrightError('host-unreachable', `${name} (${address}:22) cannot be reached: it does not answer.`, {
    host: name,
    hint: 'Is the machine on, is the address right, and does a firewall let the port through?',
    retryable: true,
  });
}

function lost({ name, address }: FakeMachine): KubewrightError {
  return new KubewrightError('ssh-connection-lost', `The connection to ${name} (${address}:22) broke: it was closed.`, {
    host: name,
    retryable: true,
  });
}
