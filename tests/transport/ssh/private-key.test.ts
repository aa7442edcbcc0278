import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKeyFile } from '../../../src/transport/ssh/private-key.js';

const PASSPHRASE = 'open sesame';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-private-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
async function made(...args: string[]): Promise<string> {
  count += 1;
  const path = join(folder, `key-${count}`);
  await execa('ssh-keygen', ['-q', '-f', path, ...(args.includes('-N') ? [] : ['-N', '']), ...args]);
  return path;
}

async function written(content: string, mode = 0o600): Promise<string> {
  count += 1;
  const path = join(folder, `file-${count}`);
  await writeFile(path, content, { mode });
  return path;
}

describe('openKeyFile', () => {
  it.each([
    ['ed25519', ['-t', 'ed25519']],
    ['ECDSA', ['-t', 'ecdsa', '-b', '384']],
    ['RSA', ['-t', 'rsa', '-b', '2048']],
    ['RSA in PEM (PKCS#1)', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']],
    ['ECDSA in PEM (SEC1)', ['-t', 'ecdsa', '-m', 'PEM']],
    ['RSA in PKCS#8', ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8']],
    ['ECDSA in PKCS#8', ['-t', 'ecdsa', '-m', 'PKCS8']],
  ])('reads %s, encrypted or not', async (_, args) => {
    const plain = await openKeyFile(await made(...args));
    expect(plain?.key?.isPrivateKey()).toBe(true);
    const locked = await openKeyFile(await made(...args, '-N', PASSPHRASE));
    expect(locked?.key).toBeUndefined();
    expect((await locked?.unlock(async () => PASSPHRASE))?.isPrivateKey()).toBe(true);
  });

  it('reads an ed25519 key as openssl writes it', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const file = await openKeyFile(await written(String(privateKey.export({ type: 'pkcs8', format: 'pem' }))));
    expect(file?.key?.type).toBe('ssh-ed25519');
  });

  it('asks again for a passphrase that was wrong', async () => {
    const answers = ['wrong', 'also wrong', PASSPHRASE];
    const file = await openKeyFile(await made('-t', 'ed25519', '-N', PASSPHRASE));
    expect((await file?.unlock(async () => answers.shift() ?? ''))?.isPrivateKey()).toBe(true);
    expect(answers).toEqual([]);
  });

  it('does not ask again when the same wrong answer comes twice', async () => {
    let asked = 0;
    const file = await openKeyFile(await made('-t', 'ed25519', '-N', PASSPHRASE));
    const unlocking = file?.unlock(async () => {
      asked += 1;
      return 'wrong';
    });
    await expect(unlocking).rejects.toMatchObject({ code: 'ssh-key-unusable', message: /the passphrase is wrong/ });
    expect(asked).toBe(2);
  });

  it('knows no key where there is no file', async () => {
    expect(await openKeyFile(join(folder, 'none'))).toBeUndefined();
  });

  it('refuses a key that others can read, as OpenSSH does', async () => {
    const path = await made('-t', 'ed25519');
    await chmod(path, 0o644);
    await expect(openKeyFile(path)).rejects.toMatchObject({
      code: 'ssh-key-unusable',
      message: expect.stringContaining('mode is 0644'),
      hint: expect.stringContaining('chmod 600'),
    });
  });

  it('says that a public key is none that could be used', async () => {
    const path = `${await made('-t', 'ed25519')}.pub`;
    await chmod(path, 0o600);
    await expect(openKeyFile(path)).rejects.toThrow('it is a public key');
  });

  it.each([
    ['an empty file', ''],
    ['something else', 'hello\n'],
    ['half a key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----\n'],
    ['half a PKCS#8 key', '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg==\n-----END PRIVATE KEY-----\n'],
  ])('says that the format of %s is not known', async (_, content) => {
    await expect(openKeyFile(await written(content))).rejects.toThrow('its format is not known');
  });

  it('says that a folder is no key', async () => {
    const path = await written('');
    await rm(path);
    await expect(openKeyFile(folder)).rejects.toMatchObject({ code: 'ssh-key-unusable' });
  });
});
