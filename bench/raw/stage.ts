import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { resolvePayload } from '../../src/artifacts/resolve.js';
import { parseConfig } from '../../src/config/load.js';
import { flannelObjects } from '../../src/engines/native/flannel.js';
import { initConfig } from '../../src/engines/native/kubeadm-config.js';
import { ignoredPreflight } from '../../src/engines/native/kubeadm-preflight.js';
import { nodeFiles, yamlDocuments } from '../../src/engines/native/node-files.js';
import { imageRef } from '../../src/engines/native/prepare.js';
import { newBootstrapToken } from '../../src/engines/native/token.js';
import type { NodeTraits } from '../../src/engines/native/traits.js';
import { type Abilities, findAbilities } from '../../src/providers/local/abilities.js';
import { type Engine, findEngine } from '../../src/providers/local/engine.js';
import { imageName } from '../../src/providers/local/image-recipe.js';
import { cacheDirectory } from '../../src/state/paths.js';

/** Lays it out for machines that are containers of the engine here; gives what was found out about that. */
export async function layOutForNodes(stage: string): Promise<{ engine: Engine; abilities: Abilities }> {
  const signal = AbortSignal.timeout(60_000);
  const engine = await findEngine('docker', signal);
  const abilities = await findAbilities(engine, { image: imageName(), cacheDirectory: cacheDirectory(), signal });
  await layOutStage(stage, {
    cgroupVersion: engine.cgroupVersion,
    canLowerOomScore: abilities.privileges.kind === 'privileged',
    container: true,
    swap: false,
    nameservers: abilities.resolvers,
  });
  return { engine, abilities };
}

/**
 * Lays out for the plain script exactly what kubewright itself uses: the same binaries, images, containerd
 * configuration, kubeadm configuration and flannel. Only the way of getting there differs.
 */
async function layOutStage(stage: string, traits: NodeTraits): Promise<void> {
  const payload = await resolvePayload({
    arch: process.arch === 'arm64' ? 'arm64' : 'amd64',
    kubernetesVersion: '1.36.3',
    source: 'auto',
    mirrors: {},
    cacheDirectory: cacheDirectory(),
    lockFile: join(stage, 'artifacts.lock'),
    signal: AbortSignal.timeout(40 * 60_000),
    report: () => {},
  });
  for (const folder of ['bin', 'cni', 'images']) await mkdir(join(stage, folder), { recursive: true });
  await Promise.all([
    ...payload.files.map(({ name, path }) =>
      copyFile(path, join(stage, name.startsWith('cni/') ? name : `bin/${name}`)),
    ),
    ...payload.images
      // The plain way has no load balancer.
      .filter(({ name }) => name !== 'haproxy')
      .map(({ name, path }) => copyFile(path, join(stage, 'images', `${name}.tar`))),
    ...nodeFiles(traits, { pause: imageRef(payload, 'pause') }).map(({ path, content }) =>
      writeFile(join(stage, path.split('/').at(-1) ?? ''), content),
    ),
  ]);
  const config = parseConfig('apiVersion: kubewright/v1alpha1\nname: raw\nprovider: {local: {}}\n', 'bench');
  const node = config.ok ? config.cluster.nodes.find(({ roles }) => roles.includes('control-plane')) : undefined;
  if (!config.ok || node === undefined) throw new Error('the smallest config is not valid');
  const tag = (name: string) => imageRef(payload, name).split(':').at(-1) ?? '';
  const kubeadm = initConfig({
    cluster: config.cluster,
    node: { ...node, name: 'cp1' },
    address: 'ADDRESS',
    traits,
    token: newBootstrapToken(),
    certificateNames: [],
    tags: { coredns: tag('coredns'), etcd: tag('etcd') },
    ignoredPreflight: ignoredPreflight({ traits, kubernetes: { unfinished: undefined } } as Parameters<
      typeof ignoredPreflight
    >[0]),
  });
  // Plain kubeadm: what kubewright tells the control plane to be quicker is its own.
  const documents = parseAllDocuments(kubeadm).map((document) => document.toJS());
  for (const document of documents) {
    delete document.controllerManager;
    delete document.scheduler;
    if (document.controlPlaneEndpoint !== undefined) document.controlPlaneEndpoint = 'ADDRESS:6443';
  }
  await writeFile(join(stage, 'kubeadm.yaml'), yamlDocuments(documents));
  const flannel = flannelObjects(config.cluster.network.podCidr, imageRef(payload, 'flannel'));
  await writeFile(join(stage, 'flannel.yaml'), yamlDocuments(flannel));
}
