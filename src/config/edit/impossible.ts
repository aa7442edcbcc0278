import { KubewrightError } from '../../core/errors.js';

/** The error for an edit that cannot be made: code `edit-impossible`. Nothing was written. */
export function impossible(message: string, hint: string): KubewrightError {
  return new KubewrightError('edit-impossible', message, { hint });
}

/** The error for a text whose form is beyond the edits. `what` is the field or entry in question. */
export function tooUnusual(what: string): KubewrightError {
  return impossible(
    `${what} is written in a way that cannot be changed without touching what is beside it`,
    'Change it by hand, or write it plainly, one field a line, and run the same command again.',
  );
}
