import pLimit, { type LimitFunction } from 'p-limit';

/** How much is asked of one sshd at a time, and of this machine by all of them. */
export interface SshLimits {
  /** A place for one handshake with the sshd at `address`: it begins to drop connections at 10 (MaxStartups). */
  handshake<T>(address: string, shake: () => Promise<T>): Promise<T>;
  /**
   * A place for the costly part of a handshake, whatever host it is with: a thousand that are begun at once all end as
   * late as the last. Held by nobody who waits for another connection, such as one through which this one goes.
   */
  exchange<T>(shake: () => Promise<T>): Promise<T>;
  /** Channels of one connection: sshd refuses the eleventh (MaxSessions 10). */
  readonly channels: number;
}

/** Limits that leave sshd's defaults some room for others. */
export function createSshLimits(
  limits: { handshakes?: number; channels?: number; exchanges?: number } = {},
): SshLimits {
  const { handshakes = 8, channels = 8, exchanges = EXCHANGES } = limits;
  const exchange = pLimit(exchanges);
  const byAddress = new Map<string, LimitFunction>();
  return {
    channels,
    exchange: (shake) => exchange(shake),
    handshake(address, shake) {
      const limit = byAddress.get(address) ?? pLimit(handshakes);
      byAddress.set(address, limit);
      return limit(shake);
    },
  };
}

/** Many, since on a slow network a handshake is mostly waiting: at 200 ms a round trip this is some 60 hosts a second. */
const EXCHANGES = 64;

/** What all connections of this process share unless told otherwise: sshd counts them all, whoever opened them. */
export const SHARED_LIMITS = createSshLimits();
