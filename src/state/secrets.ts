import type { Event } from '../core/events.js';

/**
 * Secrets that are known to this run. What a command prints is masked where it comes in; this is the second net,
 * held under everything that is written down.
 */
export interface SecretRegistry {
  /** A secret of several lines (a private key) is known by each of its lines, since output comes line by line. */
  remember(secret: string): void;
  /** The text with every known secret as ***. */
  mask(text: string): string;
}

/** Knows no secrets yet. */
export function createSecretRegistry(): SecretRegistry {
  const secrets = new Set<string>();
  let pattern: RegExp | undefined;
  return {
    remember(secret) {
      const lines = secret.split(/\r?\n/).filter((line) => line.trim() !== '');
      if (lines.length === 1) secrets.add(secret.trim());
      // "-----BEGIN PRIVATE KEY-----" is no secret, and short lines are found in anything.
      else for (const line of lines) if (line.length >= 16 && !line.startsWith('-----')) secrets.add(line.trim());
      // Longest first: one may be a part of another.
      const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
      pattern = longestFirst.length === 0 ? undefined : new RegExp(longestFirst.map(escapeRegExp).join('|'), 'g');
    },
    mask: (text) => (pattern === undefined ? text : text.replace(pattern, '***')),
  };
}

/** The event with every text in it masked. */
export function maskEvent(event: Event, mask: (text: string) => string): Event {
  // Masking changes texts and no shapes.
  return maskValue(event, mask) as Event;
}

function maskValue(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map((item) => maskValue(item, mask));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskValue(item, mask)]));
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
