import * as z from 'zod';

/*
 * A Cluster as it lies in a record. A test holds it equal to the type in model/cluster.ts: whoever changes one has to
 * change the other, and to think of the records that are out there (a new required field needs a new version).
 */

const secretSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('prompt') }),
  z.object({ kind: z.literal('environment'), name: z.string() }),
  z.object({ kind: z.literal('file'), path: z.string() }),
]);

const hostKeyPolicy = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('known-hosts') }),
  z.object({ kind: z.literal('trust-on-first-use') }),
  z.object({ kind: z.literal('pinned'), keys: z.array(z.string()).readonly() }),
]);

const host = z.object({
  address: z.string(),
  internalAddress: z.string().optional(),
  port: z.number(),
  user: z.string(),
  identityFile: z.string().optional(),
  sudoPassword: secretSource.optional(),
  hostKey: hostKeyPolicy,
});

const taint = z.object({
  key: z.string(),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
});

/** The shape of the type NodeSpec. */
export const nodeSchema = z.object({
  name: z.string(),
  pool: z.string(),
  roles: z.array(z.enum(['control-plane', 'worker', 'etcd'])).readonly(),
  labels: z.record(z.string(), z.string()).readonly(),
  taints: z.array(taint).readonly(),
  host: host.optional(),
});

const provider = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('local'),
    engine: z.enum(['docker', 'podman']).optional(),
    subnet: z.string().optional(),
    publishPorts: z.boolean().optional(),
    image: z.string().optional(),
  }),
  z.object({ kind: z.literal('hosts') }),
]);

const endpoint = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('node-local') }),
  z.object({ kind: z.literal('load-balancer'), host: z.string(), port: z.number() }),
  z.object({ kind: z.literal('virtual-ip'), address: z.string(), interface: z.string().optional() }),
]);

/** The shape of the type Cluster. */
export const clusterSchema = z.object({
  name: z.string(),
  kubernetes: z.object({ version: z.string() }),
  engine: z.literal('native'),
  provider,
  nodes: z.array(nodeSchema).readonly(),
  network: z.object({
    cni: z.literal('flannel'),
    podCidr: z.string(),
    serviceCidr: z.string(),
    clusterDomain: z.string(),
    upstreamDns: z.array(z.string()).readonly(),
  }),
  api: z.object({
    port: z.number(),
    extraNames: z.array(z.string()).readonly(),
    // Records of version 0.1 have none.
    endpoint: endpoint.default({ kind: 'node-local' }),
  }),
  artifacts: z.object({
    source: z.enum(['auto', 'upstream', 'build']),
    mirrors: z.record(z.string(), z.string()).readonly(),
  }),
});
