import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { runProgram } from '../../transport/program.js';
import { sharedLibraries } from './shared-libraries.js';
import { type SystemLayer, systemFiles } from './system-files.js';
import { findSystemProgram } from './toolchain.js';

/**
 * The base layer of kube-proxy and flannel: this machine's own nft and iptables with exactly the shared libraries
 * that the dynamic loader would give them. A few megabytes, where a distribution's base image has a hundred; the
 * same installed packages give the same layer. kube-proxy runs nft; flannel runs nft, and iptables once at start to
 * clear rules it does not use any more. Rejects with `program-missing` where one of them is.
 */
export async function packetFilterLayer(signal: AbortSignal): Promise<SystemLayer> {
  const [nft, xtables] = await Promise.all([findSystemProgram('nft'), findSystemProgram('xtables-nft-multi')]);
  const libraries = await sharedLibraries([nft, xtables], signal);
  const extensions = await iptablesExtensions(libraries);
  const all = new Map([...libraries, ...(await sharedLibraries(extensions, signal))]);
  for (const extension of extensions) all.set(extension, extension);
  all.set('/usr/sbin/nft', nft);
  all.set('/usr/sbin/xtables-nft-multi', xtables);

  const { entries, sum } = await systemFiles(all, signal);
  const links = IPTABLES_NAMES.map(
    (name) => ({ path: `usr/sbin/${name}`, type: 'symlink', target: 'xtables-nft-multi' }) as const,
  );
  const protocols = { path: 'etc/protocols', type: 'file', mode: 0o644, content: [Buffer.from(PROTOCOLS)] } as const;
  return {
    entries: [...entries, ...links, protocols],
    description: `${await version(nft, signal)}, files ${sum}`,
  };
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
