import * as z from 'zod';
import type { Role } from '../../model/cluster.js';
import { describeSupport } from '../../model/version.js';
import * as access from './access.js';
import * as address from './address-checks.js';
import * as check from './checks.js';
import { endpoint } from './endpoint.js';
import { choice, integer, listOf, section, text } from './fields.js';
import { pool } from './pool.js';

/*
 * cluster.yaml, version v1alpha1: with the files beside it the one place of its fields, their defaults and their
 * documentation. The types, the JSON Schema and docs/reference/config.md are made from it. It checks one field at a
 * time; what concerns several is in ../rules/.
 */

export const API_VERSION = 'kubewright/v1alpha1';

/** The pools of a config that names none. */
export const DEFAULT_POOLS = { 'control-plane': { count: 1 }, workers: { count: 2 } } as const;

/** The roles of a pool that names none. */
export function defaultRoles(pool: string): readonly Role[] {
  return [pool === 'control-plane' || pool === 'etcd' ? pool : 'worker'];
}

const NAME = '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$';
const NETWORK = '^\\d{1,3}(\\.\\d{1,3}){3}/\\d{1,2}$';

const local = section(
  {
    engine: choice(
      ['docker', 'podman'],
      'The container engine. Default: docker where it answers, else podman.',
    ).optional(),
    subnet: text('a network like "172.30.0.0/24"', address.localSubnet, {
      about: "The nodes' network. Default: one that is free.",
      examples: ['172.30.0.0/24'],
      pattern: NETWORK,
    }).optional(),
    publishPorts: z
      .boolean()
      .optional()
      .describe(
        'Reach the nodes through ports published on loopback (`true`) or at their own addresses (`false`). Default: found out by trying.',
      ),
    image: text('the reference of an image', check.image, {
      about: 'A node image to use as it is (systemd and sshd in it), instead of the one that kubewright makes.',
      examples: ['registry.example.com/node:12'],
    }).optional(),
  },
  'Machines are containers on this computer, made by docker or podman.',
);

const hosts = section(
  {
    user: access.user.default('root'),
    port: access.port.default(22),
    identityFile: access.identityFile.optional(),
    sudoPassword: access.sudoPassword.optional(),
    hostKey: access.hostKey.default('known-hosts'),
  },
  'Machines exist already and are reached over SSH. The fields are defaults for every machine of `nodes.POOL.hosts`.',
);

const provider = z
  .strictObject(
    { local: local.optional(), hosts: hosts.optional() },
    {
      error: (issue) => (issue.code === 'invalid_type' ? 'expected {local: {}} or {hosts: {}}' : undefined),
    },
  )
  .describe('Where the machines come from: exactly one of `local` and `hosts`.')
  .meta({ minProperties: 1, maxProperties: 1 });

const kubernetes = section(
  {
    version: text('a version like "1.36.3"', check.version, {
      about: `The release of Kubernetes, ${describeSupport()}, with or without a v in front.`,
      examples: ['1.36.3'],
      pattern: '^v?\\d+\\.\\d+\\.\\d+$',
    }).default('1.36.3'),
  },
  'What is installed.',
);

const network = section(
  {
    cni: choice(['flannel'], 'What connects the pods: flannel, with VXLAN.').default('flannel'),
    podCidr: text('a network like "10.244.0.0/16"', address.podCidr, {
      about: 'The network of pods, /8 to /24. Every node gets a /24 of it.',
      examples: ['10.244.0.0/16'],
      pattern: NETWORK,
    }).default('10.244.0.0/16'),
    serviceCidr: text('a network like "10.96.0.0/16"', address.serviceCidr, {
      about: 'The network of Services, /12 to /28.',
      examples: ['10.96.0.0/16'],
      pattern: NETWORK,
    }).default('10.96.0.0/16'),
    clusterDomain: text('a DNS name', check.clusterDomain, {
      about: 'The DNS domain of Services.',
      examples: ['cluster.local'],
    }).default('cluster.local'),
    upstreamDns: listOf(
      text('an IPv4 address', address.resolver, { about: 'The address of a resolver.', examples: ['10.0.0.2'] }),
      (resolver) => resolver,
    )
      .max(3, 'expected at most 3 addresses (a resolv.conf holds no more)')
      .default([])
      .describe('Resolvers that cluster DNS forwards to, at most 3. Default: those that each machine itself uses.')
      .meta({ examples: [['10.0.0.2']] }),
  },
  'The networks of the cluster. They are IPv4 and must not touch each other or the machines.',
);

const api = section(
  {
    port: integer(1, 65535, "The API server's port on control planes.").default(6443),
    extraNames: listOf(
      text('a DNS name or an IP address', check.extraName, {
        about: 'A DNS name, with or without `*.` in front, or an IP address.',
        examples: ['api.example.com'],
      }),
      (name) => name,
    )
      .default([])
      .describe("Further names and addresses in the API server's certificate.")
      .meta({ examples: [['api.example.com', '203.0.113.10']] }),
    endpoint,
  },
  'The Kubernetes API.',
);

const artifacts = section(
  {
    source: choice(
      ['auto', 'upstream', 'build'],
      'Where binaries and images come from: `upstream` downloads them, `build` builds them from source, `auto` takes the first that answers. What is in the cache is used in any case.',
    ).default('auto'),
    mirrors: z
      .record(
        text('the name of a host', check.mirroredHost, { about: 'The public host that a mirror stands in for.' }),
        text('a URL', check.mirrorUrl, { about: 'The base URL of a mirror that is laid out as the public host is.' }),
      )
      .default({})
      .describe('By public host, the base URL of a mirror that is laid out as the host itself is.')
      .meta({ examples: [{ 'dl.k8s.io': 'https://mirror.example.com/k8s' }] }),
  },
  'Where binaries and images come from.',
);

/** The whole of cluster.yaml. */
export const configSchema = z
  .strictObject({
    apiVersion: z.literal(API_VERSION).describe('The version of this format.'),
    name: text('a name', check.clusterName, {
      about: "The cluster's name: lower-case letters, digits and `-`, at most 40 characters.",
      examples: ['demo'],
      pattern: NAME,
    }),
    provider,
    kubernetes: kubernetes.prefault({}),
    engine: choice(['native'], 'What installs Kubernetes.').default('native'),
    nodes: z
      .record(text('the name of a pool', check.poolName, { about: 'The name of a pool.', pattern: NAME }), pool)
      .optional()
      .describe(
        'Pools of machines by name. The number of machines that run etcd must be odd: of control planes, or of a pool with the role etcd.',
      )
      .meta({ default: DEFAULT_POOLS }),
    network: network.prefault({}),
    api: api.prefault({}),
    artifacts: artifacts.prefault({}),
  })
  .meta({ title: 'kubewright cluster', description: 'A Kubernetes cluster: cluster.yaml of kubewright.' });

/** A config that fits the schema, defaults filled in. The rules have yet to be asked. */
export type Config = z.output<typeof configSchema>;
export type PoolConfig = NonNullable<Config['nodes']>[string];
export type HostConfig = NonNullable<PoolConfig['hosts']>[number];
