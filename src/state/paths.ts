import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { KubewrightError } from '../core/errors.js';
import { labelProblem, MAX_CLUSTER_NAME } from '../model/names.js';

/** Where one cluster's things lie on this machine. None of it needs to exist. */
export interface ClusterPaths {
  readonly cluster: string;
  /** Keys, known hosts, ssh_config, the record and the runs: all that is removed with the cluster. */
  readonly directory: string;
  /** What exists of the cluster, as `up` saw it last. */
  readonly record: string;
  /** One folder a run: its events, and a transcript a host. */
  readonly runs: string;
  /** Beside `directory`, so that it can be held while that is removed. */
  readonly lock: string;
}

/** The places of a cluster. Rejects (`usage`) a name that is none, so that no name can point anywhere else. */
export function statePaths(cluster: string): ClusterPaths {
  const problem = labelProblem(cluster, MAX_CLUSTER_NAME);
  if (problem !== undefined) {
    throw new KubewrightError('usage', `${JSON.stringify(cluster)} is not the name of a cluster: it ${problem}`);
  }
  const directory = join(clustersDirectory(), cluster);
  return {
    cluster,
    directory,
    record: join(directory, 'cluster.json'),
    runs: join(directory, 'runs'),
    lock: `${directory}.lock`,
  };
}

/** The folder that has a folder for each cluster. */
export function clustersDirectory(): string {
  return join(stateDirectory(), 'clusters');
}

/**
 * Where kubewright remembers what it made: $KUBEWRIGHT_STATE_DIR, else on Linux $XDG_STATE_HOME/kubewright or
 * ~/.local/state/kubewright (https://specifications.freedesktop.org/basedir-spec), else the platform's folder for an
 * application's data. Keys lie in it: not the platform's folder for logs, which tidying programs empty.
 */
export function stateDirectory(): string {
  const { log, data } = envPaths('kubewright', { suffix: '' });
  return process.platform === 'linux'
    ? chosen('KUBEWRIGHT_STATE_DIR', log, '.local/state')
    : chosen('KUBEWRIGHT_STATE_DIR', data, '.local/state');
}

/** Where what can be had again is kept: $KUBEWRIGHT_CACHE_DIR, else $XDG_CACHE_HOME/kubewright, ~/.cache/kubewright, or the platform's. */
export function cacheDirectory(): string {
  return chosen('KUBEWRIGHT_CACHE_DIR', envPaths('kubewright', { suffix: '' }).cache, '.cache');
}

function chosen(variable: string, platform: string, fallback: string): string {
  const wanted = process.env[variable] ?? '';
  if (wanted !== '') return resolve(wanted);
  // The specification has relative XDG paths ignored; state that depends on the current folder would be lost.
  return isAbsolute(platform) ? platform : join(homedir(), fallback, 'kubewright');
}
