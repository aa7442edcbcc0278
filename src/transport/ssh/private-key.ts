import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';
import ssh2 from 'ssh2';
import { KubewrightError } from '../../core/errors.js';
import { describePath } from './describe.js';
import { encodeEd25519 } from './keys.js';

/** A private key file, read; perhaps still locked. */
export interface KeyFile {
  readonly path: string;
  /** The key, unless it is encrypted. */
  readonly key: ParsedKey | undefined;
  /**
   * Decrypts it, asking for the passphrase up to three times while it is wrong. Rejects with `ssh-key-unusable`.
   */
  unlock(passphrase: () => Promise<string>): Promise<ParsedKey>;
}

/**
 * Reads a private key file: OpenSSH's format, or PEM (PKCS#1, SEC1, PKCS#8), encrypted or not; `undefined` where there
 * is no such file. Rejects with `ssh-key-unusable` that says why.
 */
export async function openKeyFile(path: string): Promise<KeyFile | undefined> {
  const content = await readKeyFile(path);
  if (content === undefined) return undefined;
  const plain = parse(content);
  if (plain.kind === 'unknown') throw unusable(path, plain.reason);
  return {
    path,
    key: plain.kind === 'key' ? plain.key : undefined,
    unlock: (passphrase) => unlock(path, content, passphrase),
  };
}

/** The error for a key that is needed and cannot be used. */
export function unusable(path: string, reason: string, hint?: string, cause?: unknown): KubewrightError {
  const message = `The key ${describePath(path)} cannot be used: ${reason}.`;
  return new KubewrightError('ssh-key-unusable', message, { hint, cause });
}

export const UNLOCK_HINT = 'Add it to the agent with ssh-add, or give the right passphrase.';

const ATTEMPTS = 3;

async function unlock(path: string, content: Buffer, passphrase: () => Promise<string>): Promise<ParsedKey> {
  let previous: string | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const answer = await passphrase();
    // The same answer again does not come from somebody who can correct it.
    if (answer === previous) break;
    previous = answer;
    const decrypted = parse(content, answer);
    if (decrypted.kind === 'key') return decrypted.key;
    if (decrypted.kind === 'unknown') throw unusable(path, decrypted.reason, UNLOCK_HINT);
  }
  throw unusable(path, 'the passphrase is wrong', UNLOCK_HINT);
}

async function readKeyFile(path: string): Promise<Buffer | undefined> {
  try {
    const { mode, uid } = await stat(path);
    // As OpenSSH: only of one's own files is it demanded, since others' modes cannot be mended.
    if (process.getuid !== undefined && uid === process.getuid() && (mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0');
      throw unusable(path, `its mode is ${shown}, so others can read it`, `Run: chmod 600 ${describePath(path)}`);
    }
    return await readFile(path);
  } catch (error) {
    if (error instanceof KubewrightError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(path, (error as Error).message, undefined, error);
  }
}

type Parsed =
  | { readonly kind: 'key'; readonly key: ParsedKey }
  | { readonly kind: 'encrypted' }
  | { readonly kind: 'unknown'; readonly reason: string };

function parse(content: Buffer, passphrase?: string): Parsed {
  const text = content.toString('latin1');
  if (/^-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/m.test(text)) return parsePkcs8(content, passphrase);
  if (/\bsk-(?:ssh|ecdsa)-/.test(text)) return { kind: 'unknown', reason: HARDWARE };
  const parsed = ssh2.utils.parseKey(content, passphrase);
  if (!(parsed instanceof Error)) {
    const [key] = Array.isArray(parsed) ? parsed : [parsed];
    if (key?.isPrivateKey()) return { kind: 'key', key };
    return { kind: 'unknown', reason: 'it is a public key, not a private one' };
  }
  // ssh2 has no error codes, only these words (lib/protocol/keyParser.js).
  if (/no passphrase given|bad passphrase|unable to authenticate|bad decrypt|bad passphrase\?/i.test(parsed.message)) {
    return { kind: 'encrypted' };
  }
  return { kind: 'unknown', reason: `its format is not known (${parsed.message})` };
}

const HARDWARE = 'it belongs to a security key (FIDO), which only an agent can use';

/** ssh2 does not read PKCS#8; node:crypto does, and writes what ssh2 reads. */
function parsePkcs8(content: Buffer, passphrase: string | undefined): Parsed {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: content, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MISSING_PASSPHRASE' || /decrypt|passphrase|interrupted or cancelled/i.test(message)) {
      return { kind: 'encrypted' };
    }
    return { kind: 'unknown', reason: `its format is not known (${message})` };
  }
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return parse(Buffer.from(key.export({ type: 'pkcs1', format: 'pem' })));
    case 'ec':
      return parse(Buffer.from(key.export({ type: 'sec1', format: 'pem' })));
    case 'ed25519':
      return parse(Buffer.from(encodeEd25519(key, '').privateKey));
    default:
      return { kind: 'unknown', reason: `SSH has no keys of type ${key.asymmetricKeyType}` };
  }
}
