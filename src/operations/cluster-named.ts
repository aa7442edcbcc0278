import { KubewrightError } from '../core/errors.js';
import type { Cluster } from '../model/cluster.js';
import { statePaths } from '../state/paths.js';
import { readClusterRecord } from '../state/store.js';
import { clusterOf } from './workspace.js';

/** How a cluster is told to a verb that also does without its config. */
export interface ClusterChoice {
  readonly file?: string | undefined;
  /** By name, where the config file is lost: what `up` remembered is used. */
  readonly cluster?: string | undefined;
}

/** The cluster that is meant. Errors: `cluster-absent` where nothing is remembered of that name, those of the config. */
export async function clusterNamed({ file, cluster }: ClusterChoice, verb: string): Promise<Cluster> {
  if (cluster === undefined) return clusterOf(file ?? 'cluster.yaml');
  const record = await readClusterRecord(statePaths(cluster));
  if (record !== undefined) return record.cluster;
  const message = `No cluster named ${JSON.stringify(cluster)} was made from this machine`;
  throw new KubewrightError('cluster-absent', message, {
    hint: `Name its config instead: kubewright ${verb} -f FILE.`,
  });
}
