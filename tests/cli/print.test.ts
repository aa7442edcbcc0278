import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { printDoctor } from '../../src/cli/print/doctor.js';
import { printDown } from '../../src/cli/print/down.js';
import { printExec } from '../../src/cli/print/exec.js';
import { printPlan } from '../../src/cli/print/plan.js';
import { printReset } from '../../src/cli/print/reset.js';
import { printStatus, quorumLine } from '../../src/cli/print/status.js';
import { table } from '../../src/cli/print/table.js';
import { printTunnel } from '../../src/cli/print/tunnel.js';
import { printUp } from '../../src/cli/print/up.js';
import { printValidate } from '../../src/cli/print/validate.js';
import type { EtcdStatus } from '../../src/operations/results.js';
import { validate } from '../../src/operations/validate.js';
import { createPaint } from '../../src/ui/theme.js';
import { BUSY_STATUS, PLAN, STATUS, TUNNEL, UP } from './results.js';

const plain = createPaint(false);

describe('up', () => {
  test('ends with the nodes, where things lie, and the next commands', () => {
    expect(printUp(UP, plain)).toMatchInlineSnapshot(`
      "demo is ready: 24 changes in 41 s.

      NAME              STATUS   ROLES
      control-plane-1   Ready    control-plane

      kubeconfig  /home/ann/.kube/config (context demo, now the current one)
      kubectl     /home/ann/.local/bin/kubectl

      Next:
        kubectl get pods -A  # everything that runs
        kubewright down      # remove it all"
    `);
  });

  test('says that nothing changed', () => {
    expect(printUp({ ...UP, changed: 0, ms: 1800 }, plain).split('\n')[0]).toBe(
      'demo is as it should be: nothing changed (1.8 s).',
    );
  });

  test('says that the current context was left alone', () => {
    const text = printUp({ ...UP, kubeconfig: { ...UP.kubeconfig, current: false } }, plain);
    expect(text).toContain('the current context was left as it is');
  });
});

describe('plan', () => {
  test('shows changes by host with a mark each, files as diffs, and a summary', () => {
    expect(printPlan(PLAN, plain)).toMatchInlineSnapshot(`
      "this machine
        make the network
          + network kubewright-demo (missing)

      workers-1
        configure containerd
          ~ /etc/containerd/config.toml (content differs)
              --- is
              +++ shall be
              @@ -1,2 +1,2 @@
               version = 3
              -SystemdCgroup = false
              +SystemdCgroup = true
          ! systemctl restart containerd (disturbs running workloads)
          - /etc/containerd/old.toml
        ? join the cluster

      4 changes on 1 host, 1 of them disturbs running workloads, 1 step (?) that can be told only when those are done, 12 steps current."
    `);
  });

  test('says when there is nothing to do', () => {
    expect(printPlan({ ...PLAN, steps: [] }, plain)).toBe('Nothing to do: 12 steps of demo looked at, all current.');
  });

  test('names a step that could not be looked at, with its error', () => {
    const text = printPlan(
      {
        cluster: 'demo',
        unchanged: 0,
        steps: [
          {
            id: 'workers-1/facts',
            title: 'read facts',
            phase: 'machines',
            host: 'workers-1',
            verdict: 'failed',
            changes: [],
            error: { code: 'timeout', message: 'no answer after 10 s' },
          },
        ],
      },
      plain,
    );
    expect(text).toContain('x read facts: no answer after 10 s');
    expect(text).toContain('1 step could not be looked at');
  });

  test('colours added and removed lines', () => {
    const text = printPlan(PLAN, createPaint(true));
    expect(text).toContain('\u001b[32m+SystemdCgroup = true\u001b[39m');
    expect(text).toContain('\u001b[31m-SystemdCgroup = false\u001b[39m');
  });
});

describe('status', () => {
  const now = Date.parse('2026-11-24T00:00:00Z');

  test('shows nodes, then what control planes have, and what is wrong', () => {
    expect(printStatus(STATUS, plain, now)).toMatchInlineSnapshot(`
      "demo: the API answers at https://172.18.0.2:6443

      NODE             ROLE           MACHINE  READY  VERSION  ADDRESS
      control-plane-1  control-plane  running  yes    v1.36.3  172.18.0.2
      workers-1        worker         stopped  no     -        -

      CONTROL PLANE    API SERVER  ETCD     CERTIFICATES
      control-plane-1  answers     healthy  365 days

      1 of 1 etcd member healthy, none may be lost

      Problems:
        workers-1: the machine is stopped"
    `);
  });

  test('shows once what several have in common, and apart from it what is not as in cluster.yaml', () => {
    expect(printStatus(BUSY_STATUS, plain, now)).toMatchInlineSnapshot(`
      "demo: the API answers at https://172.18.0.2:6443

      NODE             ROLE           MACHINE      READY  VERSION  ADDRESS
      control-plane-1  control-plane  running      yes    v1.36.3  172.18.0.2
      control-plane-2  control-plane  running      yes    v1.36.3  172.18.0.3
      control-plane-3  control-plane  unreachable  no     v1.36.3  172.18.0.4
      workers-1        worker         running      yes    v1.36.3  172.18.0.5
      workers-2        worker         running      yes    v1.36.3  172.18.0.6
      workers-9        worker         running      yes    v1.36.3  172.18.0.13
      laptop           -              -            yes    v1.36.1  -

      CONTROL PLANE    API SERVER  ETCD         CERTIFICATES
      control-plane-1  answers     healthy      365 days
      control-plane-2  answers     healthy      365 days
      control-plane-3  no answer   not healthy  -

      2 of 3 etcd members healthy, none may be lost

      Problems:
        control-plane-3: (172.18.0.4:22) cannot be reached: it does not answer. It was waited for 5 s.
        control-plane-3: not Ready: Kubelet stopped posting node status.
        workers-1, workers-2: kubewright-api.service, its way to the API servers, is failed

      Not as in cluster.yaml:
        workers-9: to be removed by \`kubewright up\`
        laptop: not in cluster.yaml and not made by kubewright
        control-plane-2, add-ons: 1 change pending: \`kubewright plan\` shows it
        workers-1, workers-2: 2 changes pending: \`kubewright plan\` shows them"
    `);
  });

  test('says why changes were not counted', () => {
    const drift = { changes: 0, unseen: 'the artifacts of Kubernetes 1.36.3 for arm64 are not in the cache' };
    expect(printStatus({ ...STATUS, drift }, plain, now)).toContain(
      'Changes were not counted everywhere: the artifacts of Kubernetes 1.36.3 for arm64 are not in the cache.',
    );
  });

  test('says that certificates have expired', () => {
    expect(printStatus(STATUS, plain, Date.parse('2028-01-01T00:00:00Z'))).toContain('expired 2027-11-24');
  });

  test('shows nothing that could move the cursor, whoever wrote it', () => {
    const strangers = [{ name: 'evil\u001b[2J', ready: true }];
    expect(printStatus({ ...STATUS, strangers, problems: ['a\u001b]0;b\u0007'] }, plain, now)).not.toContain('\u001b');
  });

  const etcd = (voters: number, healthy: number, learners = 0): EtcdStatus => ({
    members: Array.from({ length: voters + learners }, (_, at) => ({
      ...{ id: `${at}`, name: `control-plane-${at}`, votes: at < voters, healthy: at < healthy },
    })),
    ...{ voters, healthy, needed: Math.floor(voters / 2) + 1 },
  });

  test.each([
    [etcd(1, 1), '1 of 1 etcd member healthy, none may be lost'],
    [etcd(3, 3), '3 of 3 etcd members healthy, 1 may be lost'],
    [etcd(3, 2), '2 of 3 etcd members healthy, none may be lost'],
    [etcd(5, 5), '5 of 5 etcd members healthy, 2 may be lost'],
    [etcd(3, 1), '1 of 3 etcd members healthy, 2 are needed: it has no quorum'],
    [etcd(2, 2, 1), '2 of 2 etcd members healthy, none may be lost; 1 more does not vote yet'],
  ])('says how many members of etcd may be lost', (given, sentence) => {
    expect(quorumLine(given, plain)).toBe(sentence);
  });

  test('says in red that a quorum is lost', () => {
    expect(quorumLine(etcd(3, 1), createPaint(true))).toContain('\u001b[31m1 of 3');
    expect(quorumLine(etcd(3, 3), createPaint(true))).toBe(quorumLine(etcd(3, 3), plain));
  });
});

describe('doctor', () => {
  test('puts the fix under what it mends', () => {
    const text = printDoctor(
      {
        checks: [
          { name: 'node', state: 'ok', detail: 'Node.js 20.20.2' },
          { name: 'docker', state: 'problem', detail: 'does not answer', fix: 'start it' },
        ],
      },
      plain,
    );
    expect(text).toMatchInlineSnapshot(`
      "ok       node    Node.js 20.20.2
      problem  docker  does not answer
                       → start it

      1 problem, 0 warnings."
    `);
  });
});

describe('down', () => {
  test('lists what was removed', () => {
    expect(printDown({ cluster: 'demo', hosts: [], removed: ['container demo-workers-1'] }, plain)).toBe(
      'demo is gone. Removed:\n  container demo-workers-1',
    );
  });

  test('lists what is left on machines that stay', () => {
    const hosts = [{ host: 'cp', removed: ['/etc/kubernetes'], left: [{ what: '/etc/default', why: 'not ours' }] }];
    const text = printDown({ cluster: 'demo', hosts, removed: ['/state/demo'] }, plain);
    expect(text).toContain('\n\nLeft on cp:\n  /etc/default: not ours');
  });
});

describe('reset', () => {
  const left = [{ what: '/usr/local/bin/kubectl', why: 'not what kubewright put there' }];
  const worker = (host: string) => ({
    host,
    removed: ['processes of pods', '/opt/cni/bin/bridge', '/opt/cni/bin/ptp'],
    left,
  });

  test('shows a list that several machines share once, and files of a folder on one line', () => {
    const hosts = [
      { host: 'cp', removed: ['/var/lib/etcd'], left: [] },
      worker('w-1'),
      { host: 'w-2', removed: [], left: [], silent: 'no route to host' },
      worker('w-3'),
    ];
    const result = { cluster: 'demo', hosts, removed: ['context demo in /home/ann/.kube/config'] };
    expect(printReset(result, plain)).toMatchInlineSnapshot(`
      "Kubernetes is off cp, w-1, w-3.

      Removed from cp:
        /var/lib/etcd

      Removed from w-1, w-3:
        processes of pods
        /opt/cni/bin/: bridge, ptp

      Left on w-1, w-3:
        /usr/local/bin/kubectl: not what kubewright put there

      Left as they are, since they do not answer: w-2.

      Removed here:
        context demo in /home/ann/.kube/config"
    `);
  });

  test('says that there was nothing to do', () => {
    expect(printReset({ cluster: 'demo', hosts: [{ host: 'cp', removed: [], left: [] }], removed: [] }, plain)).toBe(
      'There was no trace of demo to take off.',
    );
  });
});

describe('exec', () => {
  const result = (host: string, stdout: string, code = 0) => ({ host, code, stdout, stderr: '' });

  test('leaves the output of a single host as it is', () => {
    expect(printExec([result('a', 'one\ntwo\n')], plain)).toEqual({ stdout: 'one\ntwo\n', stderr: '' });
  });

  test('names the host before every line where there are several', () => {
    const { stdout } = printExec([result('a', 'one\n\ntwo'), result('bcd', 'three\n')], plain);
    expect(stdout).toBe('a    one\na    \na    two\nbcd  three\n');
  });

  test('says on stderr which host failed and how', () => {
    const error = { code: 'timeout', message: 'no answer' } as const;
    const { stderr } = printExec([result('a', '', 3), { ...result('b', '', 255), error }], plain);
    expect(stderr).toBe('a  exit 3\nb  no answer\n');
  });
});

describe('a table', () => {
  test('keeps columns straight with wide and coloured cells, and ends no line in a space', () => {
    const text = table([
      ['名前', 'x'],
      [createPaint(true).red('ab'), 'y'],
      ['abcdef', ''],
    ]);
    expect(text).toBe('名前    x\n\u001b[31mab\u001b[39m      y\nabcdef');
  });
});

describe('tunnel', () => {
  test('shows where it listens, and of each server whether it is ready and used', () => {
    expect(printTunnel({ cluster: 'demo', action: 'status', tunnel: TUNNEL }, plain)).toMatchInlineSnapshot(`
      "demo: 127.0.0.1:21234, process 4711, 2 connections

      SERVER           ADDRESS         STATE                       CONNECTIONS
      control-plane-1  10.0.0.11:6443  failing: no answer in time  0
      control-plane-2  10.0.0.12:6443  ready                       2, new ones go there"
    `);
  });

  test('says that there is none, or that it has ended', () => {
    expect(printTunnel({ cluster: 'demo', action: 'status' }, plain)).toBe('demo: no tunnel runs.');
    expect(printTunnel({ cluster: 'demo', action: 'stop', tunnel: TUNNEL }, plain)).toBe(
      'demo: the tunnel on port 21234 has ended (process 4711).',
    );
  });
});

test.each([
  ['ha', 'cluster ha, Kubernetes 1.36.3, 3 control planes and 2 workers.'],
  ['external-etcd', 'cluster production, Kubernetes 1.36.3, 2 control planes, 3 machines for etcd and 2 workers.'],
])('validate counts the machines of examples/%s.yaml by what they do', async (example, verdict) => {
  const file = fileURLToPath(new URL(`../../examples/${example}.yaml`, import.meta.url));
  expect(printValidate(await validate({ file }), plain).stdout).toBe(`${file} is valid: ${verdict}\n`);
});
