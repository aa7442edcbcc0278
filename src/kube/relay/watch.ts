import { setTimeout as sleep } from 'node:timers/promises';
import { type Dial, within } from './dial.js';
import type { RelayEvent } from './events.js';
import { askReadiness } from './readiness.js';
import type { Member, Roster } from './roster.js';

/** Looks after the servers of a relay. */
export interface Watch {
  /** Checks all servers now and each second from now on. */
  start(): void;
  stop(): void;
  /** Checks all servers once; where a check is under way, that one counts. */
  look(): void;
  /** Resolves when a server is known to be ready, or when all have been asked in vain. */
  firstReady(): Promise<void>;
}

/** What is looked after, and how often. */
export interface WatchOptions {
  readonly roster: Roster;
  readonly dial: Dial;
  /** PEM. */
  readonly ca: () => string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly onEvent: (event: RelayEvent) => void;
}

/** Begins with nothing under way. */
export function createWatch({ roster, dial, ca, everyMs, timeoutMs, onEvent }: WatchOptions): Watch {
  const underWay = new Map<Member, Promise<boolean>>();
  let timer: NodeJS.Timeout | undefined;

  const check = async (member: Member): Promise<boolean> => {
    // While no server is known to be ready, one that answers slowly is better than none.
    const limitMs = roster.members.some(roster.isReady) ? timeoutMs : timeoutMs * PATIENCE;
    try {
      await within(limitMs, async (signal) => askReadiness(await dial(member.server, signal), ca(), signal));
      member.readyAt = performance.now();
      if (member.failures >= FAILURES) onEvent({ kind: 'ready', server: member.server });
      member.failures = 0;
      return true;
    } catch (error) {
      member.failures += 1;
      member.why = error instanceof Error ? error.message : String(error);
      // A list that was read anew may have dropped it while it was asked.
      if (roster.members.includes(member)) failed(member, roster, onEvent);
      return false;
    }
  };
  const look = () =>
    roster.members.map((member) => {
      const known = underWay.get(member);
      if (known !== undefined) return { member, result: known };
      const result = check(member).finally(() => underWay.delete(member));
      underWay.set(member, result);
      return { member, result };
    });

  return {
    start() {
      look();
      timer ??= setInterval(look, everyMs);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
    look: () => void look(),
    async firstReady() {
      const looks = look();
      const answers = looks.map(async ({ result }) => (await result) || Promise.reject(new Error('not ready')));
      await Promise.any(answers).catch(() => {});
      // Whoever answers first is not always the one to stay with.
      const preferred = looks.find(({ member }) => member === roster.preferred);
      if (preferred !== undefined) await Promise.race([preferred.result, sleep(LOYALTY_MS)]);
    },
  };
}

/** So many failures in a row, and a server is given up. */
const FAILURES = 2;
/** How much longer an answer may take when there is nothing better. */
const PATIENCE = 4;
/** How much later than the first the preferred server may answer. */
const LOYALTY_MS = 100;

function failed(member: Member, roster: Roster, onEvent: (event: RelayEvent) => void): void {
  const { server, why, failures, connections } = member;
  if (failures === FAILURES) onEvent({ kind: 'failing', server, why });
  // Where no other server answers, it is most likely this machine that is cut off or asleep: then nothing is gained.
  const isBetterElsewhere = roster.members.some((other) => other !== member && roster.isReady(other));
  if (failures < FAILURES || connections.size === 0 || !isBetterElsewhere) return;
  onEvent({ kind: 'cut', server, connections: connections.size });
  for (const connection of [...connections]) connection.destroy();
}
