import { describe, expect, onTestFinished, test } from 'vitest';
import type { HostView } from '../../../src/engines/native/context.js';
import { type ApiAnswer, apiServersOf, askApiServers } from '../../../src/operations/status/api.js';
import type { Look } from '../../../src/operations/status/look.js';
import { clusterOf, FRESH_HOST, joined, nodeNamed, viewOf } from '../../engines/native/views.js';
import { type Answers, newAuthority, serveApi } from './api-server.js';

const SYSTEM: Answers = {
  '/api/v1/namespaces/kube-system': {},
  '/api/v1/nodes': { items: [{ metadata: { name: 'workers-1' } }] },
};
const never = new AbortController().signal;

const looked = (name: string, adminConf?: string): Promise<Look> => {
  const node = nodeNamed(name);
  const kubernetes = adminConf === undefined ? FRESH_HOST : joined(node, { adminConf });
  return Promise.resolve({ node, wanted: true, existing: undefined, view: viewOf(node, kubernetes) });
};
const server = (name: string, port: number) => ({ name, urls: [`https://127.0.0.1:${port}`] });

async function asked(...request: Parameters<typeof askApiServers>): Promise<ApiAnswer> {
  const answer = await askApiServers(...request);
  onTestFinished(() => answer.open?.client[Symbol.dispose]());
  return answer;
}

describe('the API servers of a cluster', () => {
  const nodes = ['control-plane-1', 'control-plane-2', 'workers-1'].map((name) => ({
    node: nodeNamed(name),
    existing: {
      name,
      state: name === 'control-plane-2' ? ('stopped' as const) : ('running' as const),
      machine: { name, address: '10.0.0.11', ssh: { address: '203.0.113.5' } } as HostView['machine'],
    },
  }));

  test('are its control planes, at the addresses that may be reached from here', () => {
    expect(apiServersOf(clusterOf([]), nodes)).toEqual([
      { name: 'control-plane-1', urls: ['https://10.0.0.11:6443', 'https://203.0.113.5:6443'] },
      { name: 'control-plane-2', urls: [] },
    ]);
  });

  test('and before them what cluster.yaml names as its endpoint', () => {
    const { api } = clusterOf([]);
    const cluster = { api: { ...api, endpoint: { kind: 'load-balancer', host: 'api.example', port: 443 } as const } };
    expect(apiServersOf(cluster, nodes)[0]).toEqual({ name: 'api.endpoint', urls: ['https://api.example:443'] });
  });
});

describe('asking API servers', () => {
  test('tells of each whether it answers, and gives the nodes that the first one knows', async () => {
    const authority = await newAuthority();
    const up = await serveApi(authority, SYSTEM);
    const withoutEtcd = await serveApi(authority, { '/api/v1/namespaces/kube-system': 500 });
    const { servers, open } = await asked(
      [looked('control-plane-1', authority.adminConf)],
      [
        server('control-plane-1', withoutEtcd),
        server('control-plane-2', up),
        server('control-plane-3', 1),
        { name: 'control-plane-4', urls: [] },
      ],
      never,
    );
    expect(servers).toEqual([
      {
        name: 'control-plane-1',
        server: expect.any(String),
        answers: false,
        error: expect.stringContaining('answered 500'),
      },
      { name: 'control-plane-2', server: `https://127.0.0.1:${up}`, answers: true },
      {
        name: 'control-plane-3',
        server: 'https://127.0.0.1:1',
        answers: false,
        error: 'connect ECONNREFUSED 127.0.0.1:1',
      },
      { name: 'control-plane-4', server: undefined, answers: false, error: 'its machine does not run' },
    ]);
    expect(open?.client.server).toBe(`https://127.0.0.1:${up}`);
    expect([...(open?.nodes.keys() ?? [])]).toEqual(['workers-1']);
  });

  test('does not wait for a host that is down: the first that gives credentials will do', async () => {
    const authority = await newAuthority();
    const port = await serveApi(authority, SYSTEM);
    const down = new Promise<Look>(() => {});
    const looks = [down, looked('control-plane-2', authority.adminConf)];
    const { servers } = await asked(looks, [server('control-plane-1', port), server('control-plane-2', port)], never);
    expect(servers.map(({ answers }) => answers)).toEqual([true, true]);
  });

  test("takes another control plane's credentials where the first one's are refused, and not a server of another CA", async () => {
    const [authority, other] = [await newAuthority(), await newAuthority()];
    const refusing = await serveApi(authority, { '/api/v1/namespaces/kube-system': 401 });
    const foreign = await serveApi(other, SYSTEM);
    const looks = [looked('control-plane-1', authority.adminConf), looked('control-plane-2', authority.adminConf)];
    const { servers, open } = await asked(
      looks,
      [server('control-plane-1', refusing), server('control-plane-2', foreign)],
      never,
    );
    expect(servers).toMatchObject([{ error: expect.stringContaining('answered 401') }, { answers: false }]);
    expect(open).toBeUndefined();
    const both = [looked('control-plane-1', authority.adminConf), looked('control-plane-2', other.adminConf)];
    const again = await asked(both, [server('control-plane-1', refusing), server('control-plane-2', foreign)], never);
    expect(again.servers).toMatchObject([{ answers: false }, { answers: true }]);
  });

  test('is not begun where no control plane has credentials', async () => {
    const { servers, open } = await asked([looked('control-plane-1')], [server('control-plane-1', 1)], never);
    expect(servers[0]?.error).toBe('no control plane gives credentials to ask it with');
    expect(open).toBeUndefined();
  });
});
