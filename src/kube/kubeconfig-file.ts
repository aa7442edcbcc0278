import { mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import lockfile from 'proper-lockfile';
import { KubewrightError } from '../core/errors.js';
import { writeFileAtomically } from '../state/atomic-file.js';
import { currentContext, type KubeconfigEntry, mergeKubeconfig, removeFromKubeconfig } from './kubeconfig.js';

/**
 * The kubeconfig that kubectl itself would write a new context to: `override`, else the first existing file of
 * $KUBECONFIG (else its last one), else ~/.kube/config.
 * Source: kubectl's rules for `kubectl config set-context`.
 */
export async function kubeconfigPath(override: string | undefined, env = process.env): Promise<string> {
  if (override !== undefined) return override;
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  for (const path of listed) {
    if (await exists(path)) return path;
  }
  return listed.at(-1) ?? join(homedir(), '.kube', 'config');
}

/**
 * Merges the entry into the file under a lock, atomically, mode 0600; a symbolic link stays one.
 * Tells whether anything changed and whether the entry's context is the current one now.
 */
export function mergeIntoFile(
  path: string,
  entry: KubeconfigEntry,
  setCurrent: boolean,
): Promise<{ changed: boolean; current: boolean }> {
  return edit(path, (text) => mergeKubeconfig(text, entry, setCurrent)).then(({ text, changed }) => ({
    changed,
    current: currentContext(text) === entry.name,
  }));
}

/** Takes the cluster's entry out of the file again; false where there was none (or no file). */
export async function removeFromFile(path: string, name: string): Promise<boolean> {
  if (!(await exists(path))) return false;
  const { changed } = await edit(path, (text) => removeFromKubeconfig(text, name).text);
  return changed;
}

/** The file's text; empty when it does not exist. */
export async function readKubeconfig(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return '';
    throw new KubewrightError('kubeconfig-invalid', `The kubeconfig ${path} cannot be read: ${String(cause)}`, {
      cause,
    });
  }
}

async function edit(path: string, change: (text: string) => string): Promise<{ text: string; changed: boolean }> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Replacing a link by a file would tear the user's dotfiles apart.
  const target = await realpath(path).catch(() => path);
  const release = await lock(target);
  try {
    const before = await readKubeconfig(target);
    const after = change(before);
    const changed = after !== before;
    if (changed) await writeFileAtomically(target, after, { doing: 'write the kubeconfig' });
    return { text: after, changed };
  } finally {
    await release();
  }
}

async function lock(path: string): Promise<() => Promise<void>> {
  try {
    return await lockfile.lock(path, {
      realpath: false,
      lockfilePath: `${path}.kubewright-lock`,
      stale: 10_000,
      retries: { retries: 200, factor: 1.1, minTimeout: 10, maxTimeout: 100, randomize: true },
    });
  } catch (cause) {
    throw new KubewrightError('kubeconfig-locked', `The kubeconfig ${path} is held by another kubewright`, {
      cause,
      hint: `If none runs any more, remove ${path}.kubewright-lock and run the command again.`,
      retryable: true,
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
