import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateKeyPair, parsePublicKey } from '../../../src/transport/ssh/keys.js';
import { formatKnownHost, hostName, knownKeys, parseKnownHosts } from '../../../src/transport/ssh/known-hosts.js';
import { pinHostKey, readKnownHosts } from '../../../src/transport/ssh/known-hosts-file.js';

const first = generateKeyPair('').publicKey;
const second = generateKeyPair('').publicKey;
const key = parsePublicKey(first);

function accepted(content: string, address: string, port = 22): string[] {
  return knownKeys(parseKnownHosts(content, 'known_hosts'), address, port).accepted.map((entry) => entry.where);
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-known-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('known_hosts', () => {
  it.each<[string, string, string, number, boolean]>([
    ['a name', 'web1', 'web1', 22, true],
    ['a name in other letters', 'WEB1', 'web1', 22, true],
    ['one of several names', 'web1,10.0.0.5', '10.0.0.5', 22, true],
    ['another name', 'web1', 'web2', 22, false],
    ['a pattern', '*.example.org', 'a.b.example.org', 22, true],
    ['a pattern of single characters', 'web?', 'web1', 22, true],
    ['a pattern that is too short', 'web?', 'web10', 22, false],
    ['an exception', '*.example.org,!bad.example.org', 'bad.example.org', 22, false],
    ['a port', '[web1]:2222', 'web1', 2222, true],
    ['another port', '[web1]:2222', 'web1', 2223, false],
    ['a port where none is meant', '[web1]:2222', 'web1', 22, false],
    ['a name without a port for another port', 'web1', 'web1', 2222, true],
    ['an IPv6 address', 'fd00::5', 'fd00::5', 22, true],
    ['an IPv6 address with a port', '[fd00::5]:2222', 'fd00::5', 2222, true],
  ])('knows %s (%s for %s:%i): %s', (_, hosts, address, port, known) => {
    expect(accepted(`${hosts} ${first} a comment\n`, address, port)).toEqual(known ? ['known_hosts:1'] : []);
  });

  it('reads past comments, blank lines, rubbish and keys of unknown shape', () => {
    const content = `# web1 ${first}\n\nweb1\nweb1 ssh-ed25519 rubbish\nweb1 1024 35 1234567\n@strange web1 ${first}\n  web1   ${first}\r\n`;
    expect(accepted(content, 'web1')).toEqual(['known_hosts:7']);
  });

  it('prefers entries with the port over those without', () => {
    expect(accepted(`web1 ${first}\n[web1]:2222 ${second}\n`, 'web1', 2222)).toEqual(['known_hosts:2']);
  });

  it('keeps revoked keys apart, and takes no certificate authority for a host key', () => {
    const known = knownKeys(parseKnownHosts(`@revoked * ${first}\n@cert-authority * ${second}\n`, 'f'), 'web1', 22);
    expect(known.accepted).toEqual([]);
    expect(known.revoked.map((entry) => entry.where)).toEqual(['f:1']);
  });

  it('finds names that ssh-keygen has hashed', async () => {
    const file = join(folder, 'hashed');
    await writeFile(file, `web1,[10.0.0.5]:2222 ${first}\n`);
    await execa('ssh-keygen', ['-H', '-f', file]);
    const content = await readFile(file, 'utf8');
    expect(content).not.toContain('web1');
    expect(accepted(content, 'web1')).toHaveLength(1);
    expect(accepted(content, '10.0.0.5', 2222)).toHaveLength(1);
    expect(accepted(content, '10.0.0.5')).toHaveLength(0);
  });

  it('agrees with ssh-keygen on what it has written', async () => {
    const file = join(folder, 'written');
    await writeFile(file, `${formatKnownHost(['web1', hostName('FD00::5', 2222)], key)}\n`);
    for (const name of ['web1', '[fd00::5]:2222']) {
      expect((await execa('ssh-keygen', ['-F', name, '-f', file])).stdout).toContain(first);
    }
  });

  it('matches patterns as simple as they are, and never slowly', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 12 });
    const name = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(pattern, name, (hosts, address) => {
        const wanted = new RegExp(`^${hosts.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(address);
        expect(accepted(`${hosts} ${first}`, address).length === 1).toBe(wanted);
      }),
    );
    const started = performance.now();
    accepted(`${'*a'.repeat(2000)}b ${first}`, 'a'.repeat(2000));
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it.each(['', 'two words', 'a,b', '*', '@cert-authority', '#', '|1|', 'a\nb', '!x'])(
    'does not write the name %j',
    (name) => {
      expect(() => formatKnownHost([name], key)).toThrow(TypeError);
    },
  );
});

describe('pinHostKey', () => {
  const host = { address: '10.0.0.5', port: 2222 };

  it('appends a line to a file and folder that need not exist, and mends a missing newline', async () => {
    const file = join(folder, 'new', 'known_hosts');
    await pinHostKey(file, host, key);
    expect(await readFile(file, 'utf8')).toBe(`[10.0.0.5]:2222 ${first}\n`);
    const unfinished = join(folder, 'unfinished');
    await writeFile(unfinished, `web1 ${second}`);
    await pinHostKey(unfinished, host, key);
    expect(await readFile(unfinished, 'utf8')).toBe(`web1 ${second}\n[10.0.0.5]:2222 ${first}\n`);
  });

  it('lets the first of many at the same time win', async () => {
    const file = join(folder, 'raced');
    const keys = Array.from({ length: 12 }, () => parsePublicKey(generateKeyPair('').publicKey));
    const pinned = await Promise.all(keys.map((each) => pinHostKey(file, host, each)));
    const entries = await readKnownHosts([file]);
    expect(entries).toHaveLength(1);
    for (const [entry] of pinned) expect(entry?.key).toEqual(entries[0]?.key);
  });

  it('says which file it could not write', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(pinHostKey(join(folder, 'file', 'known_hosts'), host, key)).rejects.toMatchObject({
      code: 'known-hosts-unusable',
      message: expect.stringContaining(join(folder, 'file', 'known_hosts')),
    });
  });
});
