import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.js';
import { renderTemplate, type TemplateAnswers } from '../../src/config/template.js';
import { clusterOf, problemsOf } from './problems.js';

const answers: TemplateAnswers = {
  name: 'demo',
  provider: 'local',
  controlPlanes: 1,
  workers: 2,
  kubernetesVersion: '1.36.3',
};

describe('the file that init writes', () => {
  test('for this computer', () => {
    expect(renderTemplate(answers)).toMatchInlineSnapshot(`
      "# yaml-language-server: $schema=https://unpkg.com/kubewright/schema/cluster.v1alpha1.json
      # A cluster on this computer: its machines are containers, made by docker or podman.
      apiVersion: kubewright/v1alpha1
      name: demo

      provider:
        local: {}

      kubernetes:
        version: "1.36.3"

      nodes:
        control-plane:
          count: 1 # an odd number
        workers:
          count: 2
      "
    `);
  });

  test('for machines that exist', () => {
    const hosts = [{ address: '10.0.1.11' }, { name: 'w1', address: 'w1.example.com' }];
    const text = renderTemplate({ ...answers, provider: 'hosts', workers: 1, hosts, access: { user: 'admin' } });
    expect(text).toMatchInlineSnapshot(`
      "# yaml-language-server: $schema=https://unpkg.com/kubewright/schema/cluster.v1alpha1.json
      # A cluster on machines that exist and are reached over SSH.
      apiVersion: kubewright/v1alpha1
      name: demo

      provider:
        hosts:
          user: admin # root, or one who may use sudo
          # port: 22 # of the SSH servers
          # identityFile: ~/.ssh/id_ed25519 # without it: the SSH agent, then the usual files in ~/.ssh
          # sudoPassword: prompt # where sudo wants a password
          # hostKey: trust-on-first-use # known-hosts is the default: ~/.ssh/known_hosts has them already

      kubernetes:
        version: "1.36.3"

      nodes:
        control-plane:
          hosts: # an odd number
            - name: control-plane-1
              address: 10.0.1.11
        workers:
          hosts:
            - name: w1
              address: w1.example.com
      "
    `);
  });

  test('with no workers lets the control plane work', () => {
    const cluster = clusterOf(renderTemplate({ ...answers, workers: 0 }));
    expect(cluster.nodes).toMatchObject([{ name: 'control-plane-1', roles: ['control-plane', 'worker'], taints: [] }]);
  });

  test('names machines that were not answered, to be replaced', () => {
    const cluster = clusterOf(renderTemplate({ ...answers, provider: 'hosts' }));
    expect(cluster.nodes.map(({ host }) => host?.address)).toEqual([
      'control-plane-1.example.com',
      'workers-1.example.com',
      'workers-2.example.com',
    ]);
  });

  test('can name a schema of its own', () => {
    expect(renderTemplate({ ...answers, schema: '../s.json' })).toMatch(
      /^# yaml-language-server: \$schema=\.\.\/s\.json\n/,
    );
  });

  test('is valid, without a warning, and says what was answered, whatever that was', () => {
    const any: fc.Arbitrary<TemplateAnswers> = fc.record({
      name: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/),
      provider: fc.constantFrom('local', 'hosts'),
      controlPlanes: fc.constantFrom(1, 3, 5, 7),
      workers: fc.nat(9),
      hosts: fc.option(
        fc
          .uniqueArray(fc.integer({ min: 1, max: 250 }), { maxLength: 20 })
          .map((last) => last.map((n) => ({ address: `192.0.2.${n}` }))),
        { nil: undefined },
      ),
      access: fc.record(
        {
          user: fc.constantFrom('root', 'admin', 'null', 'yes', '1'),
          port: fc.integer({ min: 1, max: 6000 }).filter((port) => port !== 2379 && port !== 2380 && port !== 2381),
          identityFile: fc.constantFrom('~/.ssh/id', 'a: b', '# no comment', '"quoted"', 'with spaces'),
          sudoPassword: fc.constant('prompt' as const),
          hostKey: fc.constantFrom('known-hosts', 'trust-on-first-use'),
        },
        { requiredKeys: [] },
      ),
      kubernetesVersion: fc.constantFrom('1.34.4', '1.36.3', 'v1.37.2'),
    });
    fc.assert(
      fc.property(any, (one) => {
        const text = renderTemplate(one);
        const result = parseConfig(text, '/etc/cluster.yaml');
        if (!result.ok) throw new Error(problemsOf(text).join('\n'));
        expect(result.warnings).toEqual([]);
        const { cluster } = result;
        expect(cluster.name).toBe(one.name);
        expect(cluster.nodes.filter(({ roles }) => roles.includes('control-plane'))).toHaveLength(one.controlPlanes);
        expect(cluster.nodes).toHaveLength(one.controlPlanes + one.workers);
        for (const { host } of one.provider === 'hosts' ? cluster.nodes : []) {
          expect(host).toMatchObject({ user: one.access?.user ?? 'root', port: one.access?.port ?? 22 });
        }
      }),
    );
  });
});
