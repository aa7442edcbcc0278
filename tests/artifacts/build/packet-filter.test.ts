import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { packetFilterLayer } from '../../../src/artifacts/build/packet-filter.js';
import { zstd } from '../../../src/artifacts/build/zstd.js';
import { sha256Of, sizeOf, writeSegments } from '../../../src/artifacts/oci/segment.js';
import { tarArchive, withParents } from '../../../src/artifacts/oci/tar.js';
import { temporaryFolder } from '../../state/folder.js';
import { zstdMissing } from './module-proxy.js';

const signal = new AbortController().signal;
const filterMissing = ['/usr/sbin/nft', '/usr/sbin/xtables-nft-multi'].every(existsSync)
  ? undefined
  : 'nftables and iptables are not installed';

describe('the layer with nft and iptables', () => {
  beforeEach((context) => context.skip(filterMissing !== undefined, filterMissing));

  test('has all that they need to run, alone in a root of their own', async (context) => {
    context.skip(process.getuid?.() !== 0, 'chroot needs root');
    const root = await unpackedLayer();
    const run = (...command: string[]) => execFileSync('chroot', [root, ...command], { encoding: 'utf8' });
    expect(run('/usr/sbin/nft', '--version')).toMatch(/^nftables v/);
    expect(run('/usr/sbin/iptables', '--version')).toMatch(/^iptables v.* \(nf_tables\)/);
    expect(run('/usr/sbin/ip6tables-restore', '--version')).toMatch(/^ip6tables-restore v/);
    expect(run('/usr/sbin/iptables', '-m', 'conntrack', '--help')).toContain('conntrack match options');
    // Protocols by name, as kube-proxy writes them.
    const rules = 'add table inet t; add set inet t s { type inet_proto . inet_service; }';
    expect(run('/usr/sbin/nft', '--check', `${rules}; add element inet t s { tcp . 80, udp . 53, sctp . 9 }`)).toBe('');
  });

  test('is the same every time, and a few megabytes', async () => {
    const [one, two] = [await packetFilterLayer(signal), await packetFilterLayer(signal)];
    expect(one.description).toBe(two.description);
    expect(one.description).toMatch(/^nftables v[\d.]+, files [0-9a-f]{12}$/);
    const [first, second] = [one, two].map(({ entries }) => tarArchive(withParents(entries)));
    expect(await sha256Of(first ?? [], signal)).toBe(await sha256Of(second ?? [], signal));
    expect(sizeOf(first ?? [])).toBeLessThan(20_000_000);
  });
});

describe('a compressed layer', () => {
  beforeEach((context) => context.skip(zstdMissing !== undefined, zstdMissing));

  test('is what zstd(1) gives back, the same bytes every time, and leaves nothing else', async () => {
    const content = [Buffer.from('layer '.repeat(50_000))];
    const compress = () => zstd(temporaryFolder(), signal).compress(content);
    const [one, two] = [await compress(), await compress()];
    expect(one.size).toBeLessThan(1000);
    expect(await sha256Of([one], signal)).toBe(await sha256Of([two], signal));
    expect(execFileSync('zstd', ['-dcq', one.path]).equals(content[0] ?? Buffer.alloc(0))).toBe(true);
    expect(existsSync(one.path.replace('.zst', ''))).toBe(false);
  });
});

async function unpackedLayer(): Promise<string> {
  const { entries } = await packetFilterLayer(signal);
  const archive = join(temporaryFolder(), 'layer.tar');
  await writeSegments(tarArchive(withParents(entries)), archive, signal);
  const root = temporaryFolder();
  execFileSync('tar', ['-xpf', archive, '-C', root]);
  return root;
}
