import { KubewrightError } from '../core/errors.js';

/**
 * What the operating system said of a file, in words (`state-unwritable`). `doing` completes "could not …":
 * "write the record of demo".
 */
export function fileError(error: unknown, doing: string, path: string): KubewrightError {
  const code = errorCode(error);
  const { what, hint } = EXPLANATIONS[code ?? ''] ?? {
    what: error instanceof Error ? error.message : String(error),
    hint: undefined,
  };
  return new KubewrightError('state-unwritable', `could not ${doing}: ${what}: ${path}`, { hint, cause: error });
}

/** "ENOENT" and the like, where it is an error of the operating system. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

const PERMISSIONS = {
  what: 'permission denied',
  hint: 'Was it made by another user, with sudo perhaps? Give it to yourself with chown, or set KUBEWRIGHT_STATE_DIR elsewhere.',
};
const SPACE = { what: 'no space left', hint: 'Make room on that file system, then run the same command again.' };

const NO_FOLDER = { what: 'a part of the path is not a folder', hint: 'Move away what is in its place.' };

const EXPLANATIONS: Readonly<Record<string, { readonly what: string; readonly hint: string }>> = {
  EACCES: PERMISSIONS,
  EPERM: PERMISSIONS,
  ENOSPC: SPACE,
  EDQUOT: { ...SPACE, what: 'your quota of disk space is used up' },
  EROFS: {
    what: 'the file system is read-only',
    hint: 'Set KUBEWRIGHT_STATE_DIR to a folder that can be written.',
  },
  ENOTDIR: NO_FOLDER,
  // mkdir(2) of a folder whose name a file has.
  EEXIST: NO_FOLDER,
  EISDIR: { what: 'there is a folder in its place', hint: 'Move it away.' },
  ENAMETOOLONG: { what: 'the path is too long', hint: 'Set KUBEWRIGHT_STATE_DIR to a shorter one.' },
};
