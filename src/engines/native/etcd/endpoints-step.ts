import type { ChangeStep, StepRef } from '../../../core/step.js';
import type { ClusterView } from '../access.js';
import {
  clusterConfiguration,
  etcdEndpoints,
  patchClusterConfiguration,
  withEtcdEndpoints,
} from '../cluster-configuration.js';
import { type EtcdMachine, etcdServers } from './etcd-servers.js';

/** Keeps kubeadm's ConfigMap, which control planes that join go by, in step with the machines for etcd. */
export function etcdEndpointsStep(
  machines: readonly EtcdMachine[],
  access: StepRef<ClusterView>,
): ChangeStep<readonly string[]> {
  return {
    kind: 'change',
    id: ETCD_ENDPOINTS,
    title: 'note where etcd is',
    phase: 'etcd',
    needs: [access.id],
    after: machines.flatMap(({ machine, join }) => [machine.id, ...(join === undefined ? [] : [join])]),
    timeoutMs: 60_000,
    async check(step) {
      const known = etcdEndpoints(await clusterConfiguration(step.output(access).client, step.signal));
      const { urls, complete } = etcdServers(step, machines, known);
      if (complete && isSame(known, urls)) return { kind: 'current', output: known };
      const why = complete ? urls.join(', ') : 'a machine for etcd will be added';
      return { kind: 'drifted', changes: [{ action: 'update', what: 'etcd endpoints in kubeadm-config', why }] };
    },
    async apply(step) {
      const { client } = step.output(access);
      const text = await clusterConfiguration(client, step.signal);
      const { urls } = etcdServers(step, machines, etcdEndpoints(text));
      await patchClusterConfiguration(client, withEtcdEndpoints(text, urls), step.signal);
      return urls;
    },
  };
}

function isSame(known: readonly string[], urls: readonly string[]): boolean {
  return [...known].sort().join() === [...urls].sort().join();
}

/** The id of the step after which kubeadm's ConfigMap is right. */
export const ETCD_ENDPOINTS = 'etcd/endpoints';
