import pLimit, { type LimitFunction } from 'p-limit';

/** How much is asked of one sshd at a time. */
export interface SshLimits {
  /** A place for one handshake with the sshd at `address`: it begins to drop connections at 10 (MaxStartups). */
  handshake<T>(address: string, shake: () => Promise<T>): Promise<T>;
  /** Channels of one connection: sshd refuses the eleventh (MaxSessions 10). */
  readonly channels: number;
}

/** Limits that leave sshd's defaults some room for others. */
export function createSshLimits(limits: { handshakes?: number; channels?: number } = {}): SshLimits {
  const { handshakes = 8, channels = 8 } = limits;
  const byAddress = new Map<string, LimitFunction>();
  return {
    channels,
    handshake(address, shake) {
      const limit = byAddress.get(address) ?? pLimit(handshakes);
      byAddress.set(address, limit);
      return limit(shake);
    },
  };
}

/** What all connections of this process share unless told otherwise: sshd counts them all, whoever opened them. */
export const SHARED_LIMITS = createSshLimits();
