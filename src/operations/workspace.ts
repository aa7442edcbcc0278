import { mkdir } from 'node:fs/promises';
import type { Payload } from '../artifacts/payload.js';
import { configError } from '../config/diagnostics.js';
import { type ConfigResult, loadConfig, parseConfig, type ValidConfig } from '../config/load.js';
import { KubewrightError } from '../core/errors.js';
import type { Emit } from '../core/events.js';
import { type HostOwner, heldHost } from '../host/held-host.js';
import { openHost } from '../host/host.js';
import type { RemoteHost } from '../host/remote-host.js';
import type { Arch, Cluster } from '../model/cluster.js';
import type { Provider, ProviderContext } from '../providers/provider.js';
import { providerFor } from '../providers/providers.js';
import { type ClusterPaths, statePaths } from '../state/paths.js';
import { createSecretRegistry, type SecretRegistry } from '../state/secrets.js';
import { readClusterRecord } from '../state/store.js';
import type { SshTarget } from '../transport/target.js';
import { cachedPayload, payloadOnce } from './artifacts.js';
import { createHostPool } from './host-pool.js';
import type { Operator } from './operator.js';
import { writeConfig } from './write-config.js';

/**
 * Everything that an operation on one cluster works with: its config, its places on this machine, its provider,
 * and the connections and artifacts that are opened and resolved at most once a run. Dispose closes the connections.
 */
export interface Workspace extends AsyncDisposable {
  readonly cluster: Cluster;
  /** The config file, as the user named it. */
  readonly file: string;
  readonly paths: ClusterPaths;
  readonly provider: Provider;
  readonly providerContext: ProviderContext;
  readonly emit: Emit;
  readonly payload: (arch: Arch, signal: AbortSignal) => Promise<Payload>;
  /** As `payload`, but only what lies in the cache: undefined where something is missing. */
  readonly cachedPayload: (arch: Arch, signal: AbortSignal) => Promise<Payload | undefined>;
  /** Opens the host's connection, or gives the open one. `timeoutMs`: the deadline of connecting, as of host/host.ts. */
  readonly openHost: (target: SshTarget, signal: AbortSignal, timeoutMs?: number) => Promise<RemoteHost>;
  /** Writes the config back where it was edited for this run. Errors: `config-changed`, and those of writing. */
  readonly saveConfig: () => Promise<void>;
  /** Closes the connections to these hosts: their next one is a new one. */
  readonly forgetHosts: (names: readonly string[]) => Promise<void>;
  /** Everything secret that this run came to know: nothing of it is written down. */
  readonly secrets: SecretRegistry;
}

/** What the workspace is opened for. */
export interface WorkspaceOptions {
  /** Changes the text of the config first. */
  readonly edit?: ((text: string) => string) | undefined;
  /** Who will change hosts; absent where nothing is changed. */
  readonly owner?: HostOwner | undefined;
}

/**
 * Loads cluster.yaml (errors: `config-invalid` with every problem) and makes ready what its operations need. With `edit`
 * the workspace is that of the edited text, which is written back only by `saveConfig`.
 */
export async function openWorkspace(
  file: string,
  operator: Operator,
  { edit, owner }: WorkspaceOptions = {},
): Promise<Workspace> {
  const before = await configOf(file);
  const config = edit === undefined ? before : valid(parseConfig(edit(before.text), file));
  const { warnings } = config;
  for (const { message, hint, line } of warnings) {
    const text = `${file}:${line}: ${message}${hint === undefined ? '' : `; ${hint}`}`;
    operator.emit({ type: 'note', level: 'warning', text });
  }
  const cluster = await withKnownVersion(config);
  const workspace = await openWorkspaceOf(cluster, file, operator, owner);
  return { ...workspace, saveConfig: () => writeConfig(file, config.text, before.text) };
}

/** A config that names no version means the one that the cluster has, not the newest that this kubewright knows. */
async function withKnownVersion({ cluster, document }: ValidConfig): Promise<Cluster> {
  if (document.hasIn(['kubernetes', 'version'])) return cluster;
  const record = await readClusterRecord(statePaths(cluster.name)).catch(() => undefined);
  return record === undefined ? cluster : { ...cluster, kubernetes: record.cluster.kubernetes };
}

/** The same for a cluster that is known already. */
export async function openWorkspaceOf(
  cluster: Cluster,
  file: string,
  operator: Operator,
  owner?: HostOwner | undefined,
): Promise<Workspace> {
  const paths = statePaths(cluster.name);
  await mkdir(paths.directory, { recursive: true, mode: 0o700 });
  const { emit } = operator;
  const payload = payloadOnce(cluster, paths, emit);
  const secrets = createSecretRegistry();
  const hosts = createHostPool((target, signal, timeoutMs) =>
    openHost(rememberingSudo(target, secrets), { signal, timeoutMs }).then((host) =>
      owner === undefined ? host : heldHost(host, owner),
    ),
  );
  return {
    cluster,
    file,
    paths,
    provider: providerFor(cluster.provider),
    providerContext: { stateDirectory: paths.directory, payload, askSecret: operator.askSecret },
    secrets,
    emit,
    payload,
    cachedPayload: (arch, signal) => cachedPayload(cluster, paths, arch, signal),
    openHost: hosts.open,
    saveConfig: async () => {},
    forgetHosts: hosts.forget,
    [Symbol.asyncDispose]: () => hosts[Symbol.asyncDispose](),
  };
}

/** The same target, whose password is known as a secret as soon as anybody knows it. */
function rememberingSudo(target: SshTarget, secrets: SecretRegistry): SshTarget {
  const { sudoPassword } = target;
  if (sudoPassword === undefined) return target;
  return {
    ...target,
    async sudoPassword() {
      const password = await sudoPassword();
      secrets.remember(password);
      return password;
    },
  };
}

/** The cluster that a config file describes. Errors: `config-invalid`. */
export async function clusterOf(file: string): Promise<Cluster> {
  return (await configOf(file)).cluster;
}

async function configOf(file: string) {
  return valid(await loadConfig(file));
}

function valid(result: ConfigResult): ValidConfig {
  if (!result.ok) throw configError(result.diagnostics, result.text);
  return result;
}

/** The error for a host name that cluster.yaml does not have. */
export function unknownHost(name: string, cluster: Cluster): KubewrightError {
  const names = cluster.nodes.map((node) => node.name).join(', ');
  return new KubewrightError('unknown-host', `There is no host ${JSON.stringify(name)} in cluster ${cluster.name}`, {
    hint: `Its hosts are: ${names}`,
  });
}
