import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  fingerprint,
  generateKeyPair,
  keyType,
  parsePublicKey,
  publicKeyLine,
} from '../../../src/transport/ssh/keys.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-keys-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('generateKeyPair', () => {
  it('makes keys that ssh-keygen reads, whatever the length of the comment', async () => {
    for (const comment of ['', 'demo', 'kubewright@a-longer-cluster-name']) {
      const pair = generateKeyPair(comment);
      const path = join(folder, `key${comment.length}`);
      await writeFile(path, pair.privateKey, { mode: 0o600 });
      expect((await execa('ssh-keygen', ['-y', '-f', path])).stdout).toBe(pair.publicKey);
      await writeFile(`${path}.pub`, `${pair.publicKey}\n`);
      const shown = await execa('ssh-keygen', ['-l', '-f', `${path}.pub`]);
      expect(shown.stdout).toContain(fingerprint(parsePublicKey(pair.publicKey)));
    }
  });

  it('never makes a broken key, also where numbers begin with zeros', () => {
    const message = Buffer.from('sign me');
    for (let round = 0; round < 1500; round += 1) {
      const pair = generateKeyPair('');
      const key = ssh2.utils.parseKey(pair.privateKey);
      const own = ssh2.utils.parseKey(pair.publicKey);
      if (key instanceof Error || own instanceof Error) throw new Error(`round ${round}: the key does not parse`);
      expect(own.verify(message, key.sign(message))).toBe(true);
    }
  });

  it('refuses a comment that would break the line', () => {
    expect(() => generateKeyPair('a\nb')).toThrow(TypeError);
  });
});

describe('parsePublicKey', () => {
  it('takes a line with or without type and comment', () => {
    const { publicKey } = generateKeyPair('comment');
    const [type, blob] = publicKey.split(' ');
    const key = parsePublicKey(publicKey);
    expect(parsePublicKey(blob ?? '')).toEqual(key);
    expect(keyType(key)).toBe(type);
    expect(publicKeyLine(key)).toBe(`${type} ${blob}`);
  });

  it.each([
    '',
    'ssh-ed25519',
    'ssh-ed25519 AAAA',
    `ssh-rsa ${generateKeyPair('').publicKey.split(' ')[1]}`,
    'not a key',
  ])('refuses "%s"', (line) => {
    expect(() => parsePublicKey(line)).toThrow(TypeError);
  });
});
