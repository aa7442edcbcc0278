import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentVersions, DEFAULT_KUBERNETES_VERSION } from '../../../src/artifacts/component-versions.js';
import type { Payload } from '../../../src/artifacts/payload.js';
import { filePlacements, imagePlacements } from '../../../src/artifacts/placement.js';

/** Artifacts of a node with the right names and places, and a few bytes each. */
export interface FakePayload extends AsyncDisposable {
  readonly payload: Payload;
}

/** Lays the files out in a folder of this machine, since uploads read them; `small`: only those that something is made of. */
export async function layOutPayload(size: 'whole' | 'small' = 'whole'): Promise<FakePayload> {
  const folder = await mkdtemp(join(tmpdir(), 'kubewright-payload-'));
  const versions = componentVersions(DEFAULT_KUBERNETES_VERSION, 'upstream');
  const lay = async (name: string) => {
    const content = `${name} of a fake payload\n`;
    const sha256 = createHash('sha256').update(content).digest('hex');
    const path = join(folder, sha256);
    await writeFile(path, content);
    return { sha256, path, size: content.length };
  };
  const placed = imagePlacements(versions);
  const haproxy = { name: 'haproxy', ref: 'docker.io/library/haproxy:3.2', version: '3.2', roles: EVERY_NODE };
  const images = placed.some(({ name }) => name === 'haproxy') ? placed : [...placed, haproxy];
  const payload: Payload = {
    arch: 'amd64',
    kubernetesVersion: DEFAULT_KUBERNETES_VERSION,
    source: 'cache',
    files: await Promise.all(
      filePlacements(versions)
        .filter(({ name }) => size === 'whole' || NEEDED.has(name))
        .map(async (placement) => ({ ...placement, ...(await lay(placement.name)) })),
    ),
    images: await Promise.all(
      images.map(async (image) => {
        const laid = await lay(image.ref);
        return { ...image, ...laid, digest: `sha256:${laid.sha256}` };
      }),
    ),
  };
  return { payload, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

const NEEDED: ReadonlySet<string> = new Set(['kubeadm', 'kubelet', 'containerd', 'ctr']);
const EVERY_NODE = ['control-plane', 'worker'] as const;
