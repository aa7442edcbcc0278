import { homedir } from 'node:os';
import { join, resolve as resolvePath } from 'node:path';
import type { Cluster, EndpointSpec, HostSpec, LocalSpec, ProviderSpec, SecretSource } from '../model/cluster.js';
import { formatVersion, parseVersion } from '../model/version.js';
import { type Machine, placedNodes } from './nodes.js';
import type { Config } from './schema/v1alpha1.js';

/**
 * The cluster that a config asks for: every default filled in, every node named, the paths of files absolute
 * (relative ones start at `folder`, "~/" at the home folder). The config must have been checked.
 */
export function resolve(config: Config, folder: string): Cluster {
  const version = parseVersion(config.kubernetes.version);
  return {
    name: config.name,
    kubernetes: { version: version === undefined ? config.kubernetes.version : formatVersion(version) },
    engine: config.engine,
    provider: providerOf(config),
    nodes: placedNodes(config).map(({ node, host }) =>
      host === undefined ? node : { ...node, host: hostOf(host, folder) },
    ),
    network: config.network,
    api: { ...config.api, endpoint: endpointOf(config) },
    artifacts: { ...config.artifacts, mirrors: withoutTrailingSlash(config.artifacts.mirrors) },
  };
}

function providerOf({ provider }: Config): ProviderSpec {
  return provider.hosts === undefined ? ({ kind: 'local', ...provider.local } satisfies LocalSpec) : { kind: 'hosts' };
}

function endpointOf({ api: { endpoint, port } }: Config): EndpointSpec {
  if (endpoint === 'node-local') return { kind: 'node-local' };
  if ('loadBalancer' in endpoint) {
    const { loadBalancer } = endpoint;
    return { kind: 'load-balancer', host: loadBalancer.host, port: loadBalancer.port ?? port };
  }
  return { kind: 'virtual-ip', address: endpoint.virtualIp, interface: endpoint.interface };
}

function hostOf(host: Machine, folder: string): HostSpec {
  const { address, internalAddress, port, user, identityFile, sudoPassword, hostKey } = host;
  return {
    address,
    internalAddress,
    port,
    user,
    identityFile: identityFile === undefined ? undefined : absolute(identityFile, folder),
    sudoPassword: sudoPassword === undefined ? undefined : secretSource(sudoPassword, folder),
    hostKey: typeof hostKey === 'string' ? { kind: hostKey } : { kind: 'pinned', keys: hostKey.pinned },
  };
}

function secretSource(source: NonNullable<Machine['sudoPassword']>, folder: string): SecretSource {
  if (source === 'prompt') return { kind: 'prompt' };
  if ('env' in source) return { kind: 'environment', name: source.env };
  return { kind: 'file', path: absolute(source.file, folder) };
}

function absolute(path: string, folder: string): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1));
  return resolvePath(folder, path);
}

function withoutTrailingSlash(urls: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(urls).map(([host, url]) => [host, url.replace(/\/+$/, '')]));
}
