import { PassThrough, type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { KubewrightError } from '../core/errors.js';
import type { Emit } from '../core/events.js';
import { type Command, sh } from '../transport/command.js';
import type { RemoteHost } from './remote-host.js';

/** Who changes hosts in this run. */
export interface HostOwner {
  /** Of this run, never used again. */
  readonly id: string;
  /** "`up` by anna on laptop (process 4711)". */
  readonly description: string;
  readonly emit: Emit;
}

/**
 * A host that is changed by one operator at a time, wherever they are: before the first script that changes something a lock
 * is taken on the host itself, and held until the host is disposed of. It is a folder of /run with a heartbeat, minded by a
 * script that ends with the connection, so whoever is killed or cut off gives it back by that; one that was
 * silent for a minute all the same is taken over, which is said. Errors: `host-locked`, naming who has it.
 */
export function heldHost(host: RemoteHost, owner: HostOwner): RemoteHost {
  // The script that minds the lock reads until this ends, which a cut connection does as well.
  const leash = new PassThrough();
  let holding: Promise<Holding> | undefined;
  const hold = () => {
    holding ??= takeLock(host, owner, leash).catch((error: unknown) => {
      holding = undefined;
      throw error;
    });
    return holding;
  };
  return {
    ...host,
    async script(command, options) {
      if (options.changes === true) await hold();
      return host.script(command, options);
    },
    async upload(files, options) {
      await hold();
      return host.upload(files, options);
    },
    async [Symbol.asyncDispose]() {
      leash.end();
      const held = await holding?.catch(() => undefined);
      await Promise.race([held?.ended, delay(GIVE_BACK_MS, undefined, { ref: false })]);
      await host[Symbol.asyncDispose]();
    },
  };
}

interface Holding {
  /** Resolves when the lock was given back, or the connection is gone. Never rejects. */
  readonly ended: Promise<void>;
}

/** How long giving back may take before the connection is closed all the same. */
const GIVE_BACK_MS = 3000;

function takeLock(host: RemoteHost, owner: HostOwner, leash: Readable): Promise<Holding> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    const ended = host
      .script(holdScript(owner), {
        context: {
          signal: new AbortController().signal,
          line(line) {
            said.push(line);
            const [word = '', ...rest] = line.split(' ');
            if (word === 'took-over') owner.emit({ type: 'note', level: 'warning', text: takenOver(host, rest) });
            if (word === 'held') resolve({ ended: quietly });
          },
        },
        title: `hold ${host.name}`,
        timeoutMs: 7 * 24 * 3600_000,
        input: leash,
        allowFailure: true,
      })
      .then(({ code }) => {
        if (code === HELD_BY_ANOTHER) reject(lockedBy(host, said));
        else if (code !== 0)
          reject(new KubewrightError('internal', `the lock of ${host.name} ended with ${code}`, { output: said }));
      });
    const quietly = ended.catch(reject);
  });
}

function takenOver(host: RemoteHost, [age = '', ...owner]: readonly string[]): string {
  return `Took over ${host.name} from ${owner.join(' ') || 'somebody'}: silent for ${age} s.`;
}

function lockedBy(host: RemoteHost, said: readonly string[]): KubewrightError {
  const [, age = '', ...owner] = (said.find((line) => line.startsWith('busy ')) ?? '').split(' ');
  return new KubewrightError(
    'host-locked',
    `${host.name} is being changed by ${owner.join(' ') || 'somebody else'}, who was last heard of ${age} s ago.`,
    { host: host.name, hint: 'Wait for it to end, then run the same command again.', retryable: true },
  );
}

const HELD_BY_ANOTHER = 75;

/** In /run, so that a reboot gives it back, too. */
function holdScript({ id, description }: HostOwner): Command {
  return sh`lock=/run/kubewright-operator id=${id} owner=${description}
take() { mkdir "$lock" 2>/dev/null && printf %s "$id" > "$lock/id" && printf %s "$owner" > "$lock/owner"; }
if ! take && [ "$(cat "$lock/id" 2>/dev/null)" != "$id" ]; then
  age=$(($(date +%s) - $(stat -c %Y "$lock" 2>/dev/null || echo 0)))
  if [ "$age" -le 60 ]; then echo "busy $age $(cat "$lock/owner" 2>/dev/null)"; exit ${HELD_BY_ANOTHER}; fi
  echo "took-over $age $(cat "$lock/owner" 2>/dev/null)"
  mv -T "$lock" "$lock.$id" && rm -rf "$lock.$id"
  take || { echo "busy 0 somebody who was faster"; exit ${HELD_BY_ANOTHER}; }
fi
echo held
mine() { [ "$(cat "$lock/id" 2>/dev/null)" = "$id" ]; }
( while sleep 10 && mine; do touch "$lock"; done ) > /dev/null 2>&1 &
beat=$!
cat > /dev/null
kill "$beat"
if mine; then rm -rf "$lock"; fi`;
}
