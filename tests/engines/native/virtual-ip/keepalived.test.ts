import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { keepalivedFiles, routerId } from '../../../../src/engines/native/virtual-ip/keepalived.js';

const CONFIG = {
  node: 'cp-2',
  address: '10.0.1.10',
  interface: 'eth0',
  apiPort: 6443,
  own: '10.0.1.12',
  peers: ['10.0.1.11', '10.0.1.13'],
  order: 1,
};

function contentOf(name: string, config: Parameters<typeof keepalivedFiles>[0] = CONFIG): string {
  return keepalivedFiles(config).find(({ path }) => path.endsWith(name))?.content ?? '';
}

describe("keepalived's configuration", () => {
  test('names itself, its peers and the address', () => {
    const text = contentOf('keepalived.conf');
    expect(text).toContain('unicast_src_ip 10.0.1.12\n');
    expect(text).toContain('unicast_peer {\n    10.0.1.11\n    10.0.1.13\n  }');
    expect(text).toContain('virtual_ipaddress {\n    10.0.1.10/32\n  }');
    expect(text).toContain('interface eth0\n');
  });

  test('puts control planes in the order of cluster.yaml, and those that are ready before all others', () => {
    const priorities = [0, 1, 6].map((order) =>
      Number(/priority (\d+)/.exec(contentOf('keepalived.conf', { ...CONFIG, order }))?.[1]),
    );
    expect(priorities).toEqual([100, 99, 94]);
    const weight = Number(/weight (\d+)/.exec(contentOf('keepalived.conf'))?.[1]);
    expect(94 + weight).toBeGreaterThan(100);
  });

  test('of a single control plane speaks to nobody, and not to everybody', () => {
    expect(contentOf('keepalived.conf', { ...CONFIG, peers: [] })).toContain('unicast_peer {\n    192.0.2.1\n  }');
  });

  test.each([
    ['10.0.1.10', 10],
    ['10.0.1.255', 255],
    ['10.0.2.0', 255],
  ])('has for %s the router id %d', (address, id) => {
    expect(routerId(address)).toBe(id);
  });
});

test('the question to the API server is a script that sh understands, and fails where nothing listens', () => {
  const script = contentOf('api-ready', { ...CONFIG, apiPort: 1 });
  expect(() => execFileSync('sh', ['-n'], { input: script })).not.toThrow();
  expect(() => execFileSync('sh', ['-s'], { input: script, stdio: 'pipe' })).toThrow();
});
