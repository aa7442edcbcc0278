import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { cacheDirectory, stateDirectory, statePaths } from '../../src/state/paths.js';
import { describeUnless } from '../rig/unless.js';

afterEach(() => void vi.unstubAllEnvs());

test('the state folder of kubewright itself goes before everything else', () => {
  vi.stubEnv('XDG_STATE_HOME', '/xdg');
  vi.stubEnv('KUBEWRIGHT_STATE_DIR', '/own');
  expect(stateDirectory()).toBe('/own');
  vi.stubEnv('KUBEWRIGHT_STATE_DIR', 'relative');
  expect(stateDirectory()).toBe(resolve('relative'));
});

describeUnless(process.platform === 'linux' ? undefined : 'this is not Linux', 'on Linux', () => {
  test('state and cache follow the XDG folders', () => {
    vi.stubEnv('KUBEWRIGHT_STATE_DIR', '');
    vi.stubEnv('KUBEWRIGHT_CACHE_DIR', '');
    vi.stubEnv('XDG_STATE_HOME', '/xdg/state');
    vi.stubEnv('XDG_CACHE_HOME', '/xdg/cache');
    expect(stateDirectory()).toBe('/xdg/state/kubewright');
    expect(cacheDirectory()).toBe('/xdg/cache/kubewright');
  });

  test('without them they lie in the home folder; a relative one is ignored, as the specification wants', () => {
    vi.stubEnv('KUBEWRIGHT_STATE_DIR', '');
    vi.stubEnv('KUBEWRIGHT_CACHE_DIR', '');
    vi.stubEnv('XDG_CACHE_HOME', '');
    vi.stubEnv('XDG_STATE_HOME', 'not/absolute');
    expect(stateDirectory()).toBe(join(homedir(), '.local/state/kubewright'));
    expect(cacheDirectory()).toBe(join(homedir(), '.cache/kubewright'));
  });
});

test('the lock lies beside what is removed with the cluster', () => {
  vi.stubEnv('KUBEWRIGHT_STATE_DIR', '/s');
  expect(statePaths('demo')).toEqual({
    cluster: 'demo',
    directory: '/s/clusters/demo',
    record: '/s/clusters/demo/cluster.json',
    runs: '/s/clusters/demo/runs',
    lock: '/s/clusters/demo.lock',
  });
});

test.each(['', '..', '../other', '/etc', 'a/b', 'a b', 'demo.lock', 'Demo'])(
  '%j names no cluster and no folder',
  (name) => {
    expect(() => statePaths(name)).toThrow(/is not the name of a cluster/);
  },
);
