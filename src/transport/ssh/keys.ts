import { createHash, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

export interface SshKeyPair {
  /** In OpenSSH's own format, not encrypted: for a file of mode 0600. */
  readonly privateKey: string;
  /** "ssh-ed25519 AAAA… comment": for authorized_keys, known_hosts or a .pub file. */
  readonly publicKey: string;
}

/**
 * Makes an Ed25519 key pair, for a cluster's identity or for a machine's host key.
 * Written out by hand (PROTOCOL.key of OpenSSH): ssh2's generator drops leading zero bytes, which breaks one key in 230.
 */
export function generateKeyPair(comment: string): SshKeyPair {
  if (/\p{Cc}/u.test(comment)) throw new TypeError('a key comment cannot contain control characters');
  return encodeEd25519(generateKeyPairSync('ed25519').privateKey, comment);
}

/** An Ed25519 private key of node:crypto in OpenSSH's format. */
export function encodeEd25519(key: KeyObject, comment: string): SshKeyPair {
  const { d = '', x = '' } = key.export({ format: 'jwk' });
  const seed = Buffer.from(d, 'base64url');
  const point = Buffer.from(x, 'base64url');
  const publicBlob = Buffer.concat([string(KEY_TYPE), string(point)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([
    check,
    check,
    string(KEY_TYPE),
    string(point),
    string(Buffer.concat([seed, point])),
    string(comment),
  ]);
  const blob = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    string('none'),
    string('none'),
    string(''),
    uint32(1),
    string(publicBlob),
    string(pad(secret, 8)),
  ]);
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return {
    privateKey: ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n'),
    publicKey: `${publicKeyLine(publicBlob)}${comment === '' ? '' : ` ${comment}`}`,
  };
}

/** "SHA256:…", as `ssh-keygen -l` shows it, of a public key's wire form. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** "ssh-ed25519 AAAA…" of a public key's wire form. */
export function publicKeyLine(key: Uint8Array): string {
  return `${keyType(key)} ${Buffer.from(key).toString('base64')}`;
}

/**
 * The wire form of "ssh-ed25519 AAAA… comment", or of the base64 part alone. Throws a TypeError where it is none or
 * where the two do not speak of the same type.
 */
export function parsePublicKey(line: string): Uint8Array {
  const words = line.trim().split(/\s+/);
  const [first = '', second = ''] = words;
  const key = Buffer.from(words.length === 1 ? first : second, 'base64');
  if (!/^[a-z0-9@.-]+$/.test(keyType(key)) || (words.length > 1 && keyType(key) !== first)) {
    throw new TypeError(`"${line}" is not a public key`);
  }
  return key;
}

/** "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa": the first string of a public key's wire form (RFC 4253, 6.6). */
export function keyType(key: Uint8Array): string {
  const buffer = Buffer.from(key);
  const length = buffer.length < 4 ? 0 : buffer.readUInt32BE(0);
  return buffer.subarray(4, 4 + length).toString('latin1');
}

const KEY_TYPE = 'ssh-ed25519';

/** RFC 4251, 5: a length and the bytes. */
function string(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** The bytes 1, 2, 3… up to a multiple of the cipher's block. */
function pad(bytes: Uint8Array, block: number): Buffer {
  const missing = (block - (bytes.length % block)) % block;
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}
