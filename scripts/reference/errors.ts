import type { ErrorCodeInfo } from '../../src/core/error-codes.js';
import { page, pageHead } from './markdown.js';

/** docs/reference/errors.md: every error code with its meaning and what to do. */
export function errorReference(codes: Readonly<Record<string, ErrorCodeInfo>>): string {
  const sorted = Object.entries(codes).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return page([
    pageHead('Errors', 'src/core/error-codes.ts'),
    'Every error has a code: it stands behind the message on a terminal and in `error.code` of [the JSON stream](events.md). The message says what happened with the actual values; this page says what to do in general.',
    ...sorted.flatMap(([code, { meaning, advice }]) => [`## ${code}`, meaning, `**What to do:** ${advice}`]),
  ]);
}
