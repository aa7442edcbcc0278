import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import lockfile from 'proper-lockfile';
import { KubewrightError } from '../../core/errors.js';
import { formatKnownHost, hostName, type KnownHost, knownKeys, parseKnownHosts } from './known-hosts.js';

/** The entries of several known_hosts files in order; files that do not exist have none. */
export async function readKnownHosts(files: readonly string[]): Promise<readonly KnownHost[]> {
  const contents = await Promise.all(files.map(async (file) => parseKnownHosts(await content(file), file)));
  return contents.flat();
}

/**
 * Appends a host's key in one write, under a lock that other kubewrights heed. Does nothing when somebody else has
 * pinned a key of that host meanwhile: what it says counts from then on, and is returned.
 */
export async function pinHostKey(
  file: string,
  host: { readonly address: string; readonly port: number },
  key: Uint8Array,
): Promise<readonly KnownHost[]> {
  let release: (() => Promise<void>) | undefined;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    release = await lockfile.lock(file, {
      realpath: false,
      retries: { retries: 50, minTimeout: 20, maxTimeout: 200, randomize: true },
      // Compromised: our lock was taken for stale. The write below is one append, so at worst a key stands there twice.
      onCompromised: () => {},
    });
    const before = await content(file);
    const pinned = knownKeys(parseKnownHosts(before, file), host.address, host.port).accepted;
    if (pinned.length > 0) return pinned;
    const newline = before === '' || before.endsWith('\n') ? '' : '\n';
    const line = formatKnownHost([hostName(host.address, host.port)], key);
    await appendFile(file, `${newline}${line}\n`, { mode: 0o600 });
    return parseKnownHosts(line, file);
  } catch (error) {
    throw unusable(file, 'written', error);
  } finally {
    await release?.().catch(() => {});
  }
}

async function content(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw unusable(file, 'read', error);
  }
}

function unusable(file: string, verb: string, error: unknown): KubewrightError {
  if (error instanceof KubewrightError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new KubewrightError('known-hosts-unusable', `${file} cannot be ${verb}: ${reason}`, { cause: error });
}
