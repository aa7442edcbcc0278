import { describe, test } from 'vitest';

/**
 * `describe`, unless something is missing here: then its tests and hooks are skipped, and its name says why.
 * `missing` is the reason, undefined when all is there.
 */
export function describeUnless(missing: string | undefined, name: string, body: () => void): void {
  if (missing === undefined) describe(name, body);
  else describe.skip(`${name} (skipped: ${missing})`, body);
}

/** The same for one test. */
export function testUnless(missing: string | undefined, name: string, body: () => Promise<void> | void): void {
  if (missing === undefined) test(name, body);
  else test.skip(`${name} (skipped: ${missing})`, body);
}
