import { createHash } from 'node:crypto';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { KubewrightError } from '../../core/errors.js';
import { runProgram } from '../../transport/program.js';
import { fileSha256 } from '../blobs.js';
import type { TarEntry } from '../oci/tar.js';
import { findSystemProgram } from './toolchain.js';

/** A layer with `nft` and `iptables`, and what tells it from one made of other versions. */
export interface PacketFilterLayer {
  readonly entries: readonly TarEntry[];
  /** "nftables v1.0.6, files 0123456789ab" */
  readonly description: string;
}

/**
 * The base layer of kube-proxy and flannel: this machine's own nft and iptables with exactly the shared libraries
 * that the dynamic loader would give them. A few megabytes, where a distribution's base image has a hundred; the
 * same installed packages give the same layer. kube-proxy runs nft; flannel runs nft, and iptables once at start to
 * clear rules it does not use any more. Rejects with `program-missing` where one of them is.
 */
export async function packetFilterLayer(signal: AbortSignal): Promise<PacketFilterLayer> {
  const [nft, xtables] = await Promise.all([findSystemProgram('nft'), findSystemProgram('xtables-nft-multi')]);
  const libraries = await sharedLibraries([nft, xtables], signal);
  const extensions = await iptablesExtensions(libraries);
  const all = new Map([...libraries, ...(await sharedLibraries(extensions, signal))]);
  for (const extension of extensions) all.set(extension, extension);
  all.set('/usr/sbin/nft', nft);
  all.set('/usr/sbin/xtables-nft-multi', xtables);

  const files = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
  const content = createHash('sha256');
  const entries: TarEntry[] = [];
  for (const [path, source] of files) {
    const real = await realpath(source);
    content.update(`${path} ${await fileSha256(real, signal)}\n`);
    entries.push({
      path: path.slice(1),
      type: 'file',
      mode: 0o755,
      content: [{ path: real, size: (await stat(real)).size }],
    });
  }
  for (const name of IPTABLES_NAMES) {
    entries.push({ path: `usr/sbin/${name}`, type: 'symlink', target: 'xtables-nft-multi' });
  }
  entries.push({ path: 'etc/protocols', type: 'file', mode: 0o644, content: [Buffer.from(PROTOCOLS)] });
  return { entries, description: `${await version(nft, signal)}, files ${content.digest('hex').slice(0, 12)}` };
}

const IPTABLES_NAMES = ['iptables', 'ip6tables'].flatMap((name) => [name, `${name}-save`, `${name}-restore`]);

/** nft resolves "tcp" by this file (protocols(5)); the numbers are IANA's. */
const PROTOCOLS = `icmp 1 ICMP
igmp 2 IGMP
tcp 6 TCP
udp 17 UDP
dccp 33 DCCP
gre 47 GRE
esp 50 IPSEC-ESP
ah 51 IPSEC-AH
ipv6-icmp 58 IPv6-ICMP
sctp 132 SCTP
udplite 136 UDPLite
`;

/** Where the loader finds each library ("libc.so.6 => /lib/…/libc.so.6 (0x…)", ldd(1)), the loader itself included. */
async function sharedLibraries(files: readonly string[], signal: AbortSignal): Promise<Map<string, string>> {
  if (files.length === 0) return new Map();
  const { code, stdout, stderr } = await runProgram('ldd', files, { signal, timeoutMs: 30_000 });
  const lost = /^\s*(\S+) => not found/m.exec(stdout);
  if (code !== 0 || lost !== null) {
    throw new KubewrightError('build-failed', `cannot find what ${files[0]} is linked against`, {
      output: [...(lost === null ? [] : [`${lost[1]} not found`]), stderr.trim()],
    });
  }
  const paths = [...stdout.matchAll(/(?:=>\s*)?(\/\S+) \(0x[0-9a-f]+\)/g)].flatMap(([, path]) => path ?? []);
  return new Map(paths.map((path) => [path, path]));
}

/** iptables loads its matches and targets from a folder beside libxtables. */
async function iptablesExtensions(libraries: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const library = [...libraries.keys()].find((path) => basename(path).startsWith('libxtables.so'));
  if (library === undefined) return [];
  const directory = join(dirname(library).replace(/^\/lib/, '/usr/lib'), 'xtables');
  const names = await readdir(directory).catch(() => []);
  return names
    .filter((name) => name.endsWith('.so'))
    .sort()
    .map((name) => join(directory, name));
}

async function version(nft: string, signal: AbortSignal): Promise<string> {
  const { stdout } = await runProgram(nft, ['--version'], { signal, timeoutMs: 10_000 });
  return stdout.split(' (')[0]?.trim() ?? 'nftables';
}
