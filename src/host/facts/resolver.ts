import ipaddr from 'ipaddr.js';
import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

/** The host's resolvers, as pods could use them. */
export interface Resolver {
  /** Real upstream servers: what resolv.conf names, loopback addresses left out (in a pod they would be the pod itself). */
  readonly nameservers: readonly string[];
  /** Loopback servers of resolv.conf: systemd-resolved's 127.0.0.53, dnsmasq's 127.0.0.1, Docker's 127.0.0.11. */
  readonly loopback: readonly string[];
  readonly search: readonly string[];
  /** The file that names the real upstream. */
  readonly file: string;
}

export const resolver = defineProbe<Resolver>({
  name: 'resolver',
  script: sh`for file in /etc/resolv.conf /run/systemd/resolve/resolv.conf; do
  [ ! -r $file ] || { echo "> $file"; cat $file; echo; }
done`,
  parse(output) {
    const files = output
      .split(/^> /m)
      .slice(1)
      .map((text) => parseFile(text));
    const [etc] = files;
    if (etc === undefined) return { nameservers: [], loopback: [], search: [], file: '/etc/resolv.conf' };
    const loopback = etc.nameservers.filter(isLoopback);
    // systemd-resolved writes its own upstream beside the stub that /etc/resolv.conf points at.
    const chosen = files.find((file) => upstream(file).length > 0) ?? etc;
    return { nameservers: upstream(chosen), loopback, search: etc.search, file: chosen.path };
  },
});

interface ResolvConf {
  readonly path: string;
  readonly nameservers: readonly string[];
  /** What Docker's own resolver asks: a comment that Docker Engine 24 and later write into a container's resolv.conf. */
  readonly behindDocker: readonly string[];
  readonly search: readonly string[];
}

function parseFile(text: string): ResolvConf {
  const [path = '', ...lines] = text.split('\n');
  const words = lines.map((line) => line.trim().split(/\s+/));
  const values = (keyword: string) => words.filter(([first]) => first === keyword).map((line) => line.slice(1));
  const external = /^# ExtServers: \[(.*)\]/m.exec(text)?.[1] ?? '';
  return {
    path,
    nameservers: values('nameserver').flatMap(([address = '']) => (isAddress(address) ? [address] : [])),
    behindDocker: external
      .split(' ')
      .map((word) => word.replace(/^host\((.*)\)$/, '$1'))
      .filter(isAddress),
    search: (values('search').at(-1) ?? []).filter((domain) => domain !== '.'),
  };
}

function upstream(file: ResolvConf): readonly string[] {
  const real = file.nameservers.filter((address) => !isLoopback(address));
  return real.length > 0 ? real : file.behindDocker.filter((address) => !isLoopback(address));
}

function isAddress(text: string): boolean {
  return ipaddr.isValid(withoutZone(text));
}

function isLoopback(address: string): boolean {
  return ipaddr.process(withoutZone(address)).range() === 'loopback';
}

function withoutZone(address: string): string {
  return address.replace(/%.*$/, '');
}
