import type { Duplex } from 'node:stream';
import type { ApiServer } from './dial.js';

/** A server, what is known of it, and the connections that run to it. */
export interface Member {
  readonly server: ApiServer;
  /** Checks that failed in a row; a connection that could not be opened counts as one. */
  failures: number;
  /** When it was last seen to be ready, by performance.now(). */
  readyAt: number;
  /** Why the last check failed. */
  why: string;
  readonly connections: Set<Duplex>;
}

/** The servers of a relay, and the one that it stays with. */
export interface Roster {
  readonly members: readonly Member[];
  /** The last one that was good. */
  readonly preferred: Member | undefined;
  /** True where another one was preferred before. */
  prefer(member: Member): boolean;
  /** The best first: those without failures, of those the ones that were just seen to be ready, of those the preferred. */
  order(): readonly Member[];
  /** Was this one seen to be ready a moment ago, with no failure since? */
  isReady(member: Member): boolean;
  /** Takes over a new list. What is known of a server that stays is kept; gives those that are gone. */
  update(servers: readonly ApiServer[]): readonly Member[];
}

/** `freshMs`: for how many milliseconds a server counts as ready after it was seen to be. */
export function createRoster(servers: readonly ApiServer[], freshMs: number): Roster {
  let members = servers.map(newMember);
  let preferred: Member | undefined;
  const isReady = (member: Member) => member.failures === 0 && performance.now() - member.readyAt < freshMs;
  const rank = (member: Member) => member.failures * 4 + (isReady(member) ? 0 : 2) + (member === preferred ? 0 : 1);
  return {
    get members() {
      return members;
    },
    get preferred() {
      return preferred;
    },
    prefer(member) {
      const isNew = preferred !== member;
      preferred = member;
      return isNew;
    },
    order: () => members.toSorted((a, b) => rank(a) - rank(b)),
    isReady,
    update(next) {
      const gone = members.filter(({ server }) => !next.some((each) => isSame(each, server)));
      members = next.map((server) => members.find((member) => isSame(member.server, server)) ?? newMember(server));
      if (preferred !== undefined && gone.includes(preferred)) preferred = undefined;
      return gone;
    },
  };
}

function newMember(server: ApiServer): Member {
  return { server, failures: 0, readyAt: Number.NEGATIVE_INFINITY, why: '', connections: new Set() };
}

function isSame(a: ApiServer, b: ApiServer): boolean {
  return a.name === b.name && a.host === b.host && a.port === b.port;
}
