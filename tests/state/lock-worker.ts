/*
 * A process that takes the lock of "demo" and comes to the end that its first argument names. It says "held" when it
 * has the lock, and the code of the error when it has not.
 */
import { closeSync, openSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubewrightError } from '../../src/core/errors.js';
import { acquireLock, type ClusterLock } from '../../src/state/lock.js';
import { statePaths } from '../../src/state/paths.js';

const [how = '', rounds = '1'] = process.argv.slice(2);
const paths = statePaths('demo');
const acquire = () => acquireLock(paths, { verb: 'up', emit: () => {} });
const say = (text: string) => void process.stdout.write(`${text}\n`);

/** Says when two hold the lock at once, which is what must never be. */
function inCriticalSection(lock: ClusterLock, work: (lock: ClusterLock) => void): void {
  const witness = join(paths.directory, '..', 'witness');
  try {
    closeSync(openSync(witness, 'wx'));
  } catch {
    say('TWO AT ONCE');
  }
  // Long enough for others to come in, if they can.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.random() * 2);
  unlinkSync(witness);
  work(lock);
}

/** Leaves the lock as a process leaves it that was killed. */
function leaveStale(): void {
  const owner: unknown = JSON.parse(readFileSync(paths.lock, 'utf8'));
  const dead = { ...Object(owner), id: crypto.randomUUID(), processStarted: '1' };
  writeFileSync(paths.lock, JSON.stringify(dead));
}

async function contend(): Promise<void> {
  for (let won = 0; won < Number(rounds); ) {
    try {
      const lock = await acquire();
      won += 1;
      inCriticalSection(lock, won % 2 === 0 ? leaveStale : (held) => held[Symbol.dispose]());
    } catch (error) {
      if (!(error instanceof KubewrightError) || error.code !== 'cluster-locked') throw error;
    }
  }
  say('done');
}

async function hold(): Promise<void> {
  await acquire();
  say('held');
  if (how === 'exit') process.exit(0);
  if (how === 'throw') throw new Error('unexpected');
  if (how === 'wait') setInterval(() => {}, 1000);
}

void (how === 'contend' ? contend() : hold());
