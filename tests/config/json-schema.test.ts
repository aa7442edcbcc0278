import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { configFields } from '../../src/config/fields.js';
import { problemsOf as explained } from '../../src/config/issues.js';
import { jsonSchema, SCHEMA_URL } from '../../src/config/json-schema.js';
import { loadConfig } from '../../src/config/load.js';
import { configSchema } from '../../src/config/schema/v1alpha1.js';
import { hosts, local, problemsOf } from './problems.js';

const repository = fileURLToPath(new URL('../../', import.meta.url));

describe('the JSON Schema', () => {
  test('names its draft and itself', () => {
    expect(jsonSchema()).toMatchObject({
      $id: SCHEMA_URL,
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: ['apiVersion', 'name', 'provider'],
      additionalProperties: false,
    });
  });

  test('describes every field and says every default', () => {
    for (const { path, description } of configFields()) expect(description, path.join('.')).toMatch(/^[A-Z`].*[.)]$/s);
    const defaults = configFields().flatMap((field) =>
      field.default === undefined ? [] : [`${field.path.join('.')} ${JSON.stringify(field.default)}`],
    );
    expect(defaults).toMatchInlineSnapshot(`
      [
        "provider.hosts.user "root"",
        "provider.hosts.port 22",
        "provider.hosts.hostKey "known-hosts"",
        "kubernetes {}",
        "kubernetes.version "1.36.3"",
        "engine "native"",
        "nodes {"control-plane":{"count":1},"workers":{"count":2}}",
        "nodes.*.labels {}",
        "network {}",
        "network.cni "flannel"",
        "network.podCidr "10.244.0.0/16"",
        "network.serviceCidr "10.96.0.0/16"",
        "network.clusterDomain "cluster.local"",
        "network.upstreamDns []",
        "api {}",
        "api.port 6443",
        "api.extraNames []",
        "api.endpoint "node-local"",
        "artifacts {}",
        "artifacts.source "auto"",
        "artifacts.mirrors {}",
      ]
    `);
  });

  test('has examples that are right', () => {
    const isList = (path: readonly string[]) =>
      configFields().some((field) => field.type.startsWith('list') && field.path.join('.') === path.join('.'));
    for (const { path, examples } of configFields()) {
      for (const example of examples) {
        const value = path.reduceRight<unknown>((inner, part, index) => {
          if (part !== '*') return { [part]: inner };
          return isList(path.slice(0, index)) ? [inner] : { any: inner };
        }, example);
        const problems = explained(configSchema.safeParse(value).error?.issues ?? [], value);
        const about = problems.filter(
          (problem) =>
            problem.path.length >= path.length && path.every((part, i) => part === '*' || part === problem.path[i]),
        );
        expect(about, `${path.join('.')}: ${JSON.stringify(example)}`).toEqual([]);
      }
    }
  });

  const valid = [
    local(),
    local('nodes: {control-plane: {count: 3}, w: {count: 0, taints: ["a=b:NoSchedule", {key: a, effect: NoExecute}]}}'),
    local(
      'kubernetes: {version: v1.35.4}\nnetwork: {upstreamDns: [10.0.0.2]}\napi: {port: 443}\nartifacts: {source: build}',
    ),
    local('nodes: {control-plane: {count: 3, except: [2, 5]}, etcd: {count: 1}}\napi: {endpoint: {loadBalancer: a:1}}'),
    local('kubernetes:\nnetwork:\napi:\nartifacts:'),
    hosts(
      'nodes: {control-plane: {hosts: [{name: a.b, address: A.example.com, hostKey: trust-on-first-use}]}}',
      '{sudoPassword: {env: A}}',
    ),
  ];

  test.each(valid)('takes what the config takes: %j', (text) => {
    expect(problemsOf(text)).toEqual([]);
    expect(z.fromJSONSchema(jsonSchema()).safeParse(parse(text)).error?.issues ?? []).toEqual([]);
  });

  test.each([
    local('netwrk: {}'),
    local('api: {port: "6443"}'),
    local('engine: kubespray'),
    local('nodes: {w: {count: 1, except: [0]}}'),
    local('api: {endpoint: {interface: eth0}}'),
    local('nodes: {Control_Plane: {count: 1}}'),
    local('network: {podCidr: 10.244.0.0}'),
    'apiVersion: kubewright/v1alpha1\nname: Demo\nprovider: {local: {}}',
    'apiVersion: kubewright/v1alpha1\nname: demo\nprovider: {aws: {}}',
    'apiVersion: kubewright/v1\nname: demo\nprovider: {local: {}}',
    'apiVersion: kubewright/v1alpha1\nname: demo',
  ])('lets an editor see what is wrong with %j', (text) => {
    expect(z.fromJSONSchema(jsonSchema()).safeParse(parse(text)).success).toBe(false);
  });
});

describe('the examples', async () => {
  const files = (await readdir(join(repository, 'examples'))).filter((file) => file.endsWith('.yaml'));

  test('are there', () => {
    const all = ['external-etcd.yaml', 'ha.yaml', 'hosts.yaml', 'local.yaml', 'minimal.yaml'];
    expect(files).toEqual(expect.arrayContaining(all));
  });

  test.each(files)('%s is valid, without a warning, and names the schema that lies beside it', async (file) => {
    const result = await loadConfig(join(repository, 'examples', file));
    expect(result).toMatchObject({ ok: true, warnings: [] });
    expect(result.text.split('\n')[0]).toBe('# yaml-language-server: $schema=../schema/cluster.v1alpha1.json');
    const value: unknown = parse(await readFile(join(repository, 'examples', file), 'utf8'));
    expect(z.fromJSONSchema(jsonSchema()).safeParse(value).success).toBe(true);
  });

  test.each([
    ['ha.yaml', { 'control-plane': 3, worker: 2 }],
    ['external-etcd.yaml', { etcd: 3, 'control-plane': 2, worker: 2 }],
  ])('%s is %j', async (file, expected) => {
    const result = await loadConfig(join(repository, 'examples', file));
    if (!result.ok) throw new Error('not ok');
    const roles = result.cluster.nodes.map((node) => node.roles.join());
    expect(Object.fromEntries(roles.map((role) => [role, roles.filter((one) => one === role).length]))).toEqual(
      expected,
    );
  });

  test('local.yaml is one control plane and two workers called demo', async () => {
    const result = await loadConfig(join(repository, 'examples', 'local.yaml'));
    if (!result.ok) throw new Error('not ok');
    expect(result.cluster.name).toBe('demo');
    expect(result.cluster.nodes.map(({ name }) => name)).toEqual(['control-plane-1', 'workers-1', 'workers-2']);
  });
});
