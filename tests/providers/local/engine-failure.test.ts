import { expect, test } from 'vitest';
import { engineFailure } from '../../../src/providers/local/engine-failure.js';
import { lackingCapabilities } from '../../../src/providers/local/privileges.js';

/** Words of docker and podman, from real runs of several versions. */
test.each([
  [
    'Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/info": dial unix /var/run/docker.sock: connect: permission denied',
    'container-engine-denied',
  ],
  [
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock',
    'container-engine-denied',
  ],
  [
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    'container-engine-not-running',
  ],
  [
    'failed to connect to the docker API at unix:///nonexistent; check if the path is correct',
    'container-engine-not-running',
  ],
  [
    'error during connect: Get "http://builder:2375/v1.41/info": dial tcp: lookup builder: no such host',
    'container-engine-not-running',
  ],
  ['Cannot connect to Podman. Please verify your connection to the Linux system', 'container-engine-not-running'],
  [
    'Error response from daemon: write /var/lib/docker/tmp/docker-import-1: no space left on device',
    'engine-disk-full',
  ],
  [
    'docker: Error response from daemon: driver failed programming external connectivity on endpoint a: Bind for 127.0.0.1:40001 failed: port is already allocated.',
    'ports-taken',
  ],
  [
    'docker: Error response from daemon: Conflict. The container name "/demo-cp" is already in use by container "abc".',
    'name-taken',
  ],
  [
    'Error: creating container storage: the container name "demo-cp" is already in use by abc. You have to remove that container',
    'name-taken',
  ],
  [
    'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
    'container-engine-failed',
  ],
])('%s', (stderr, code) => {
  const error = engineFailure('docker', ['start', 'demo-cp'], { code: 1, stdout: '', stderr: `\n${stderr}\n` });
  expect(error).toMatchObject({ code, command: 'docker start demo-cp' });
  expect(error.message).toContain(stderr);
});

test('an engine that says nothing is told by its exit code', () => {
  const error = engineFailure('podman', ['start', 'x'], { code: 125, stdout: '', stderr: '' });
  expect(error.message).toBe('podman start: exit code 125');
});

test('capabilities that an engine lacks are read from its bounding set', () => {
  expect(lackingCapabilities('000001ffffffffff')).toEqual([]);
  expect(lackingCapabilities('000001fffeffffff')).toEqual(['SYS_RESOURCE']);
  expect(lackingCapabilities('00000000a80425fb')).toContain('SYS_ADMIN');
  expect(lackingCapabilities('00000000a80425fb')).not.toContain('CHOWN');
});
