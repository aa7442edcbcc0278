import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { imageName } from '../src/providers/local/image-recipe.js';
import { privilegeFlags } from '../src/providers/local/privileges.js';
import { BOOT } from '../tests/rig/boot.js';
import { layOutForNodes } from './raw/stage.js';

/** A cluster made by bench/raw's plain scripts. */
export interface RawCluster {
  /** Makes the whole of it: `cp…` are control planes. */
  up(nodes: readonly string[]): Promise<void>;
  /** One more worker. */
  add(node: string): Promise<void>;
  remove(): Promise<void>;
}

/** Lays out in `folder` what the scripts need; nothing is made yet. The node image must exist. */
export async function rawCluster(folder: string): Promise<RawCluster> {
  const here = fileURLToPath(new URL('raw', import.meta.url));
  const stage = join(folder, 'stage');
  const env = {
    ...{ IMAGE: imageName(), FLAGS: await layOut(stage), BOOT, STAGE: stage },
    ...{ NAME, SUBNET: '10.213.9', HERE: here },
  };
  const made: string[] = [];
  const run = async (script: string, more: Readonly<Record<string, string>>) => {
    await execa('sh', [join(here, script)], {
      env: { ...env, ...more },
      stdin: 'ignore',
      stderr: 'ignore',
      timeout: 600_000,
    });
  };
  return {
    async up(nodes) {
      made.push(...nodes);
      await run('up.sh', { NODES: nodes.map((name, at) => `${name}:${at + 11}`).join(' ') });
    },
    async add(node) {
      made.push(node);
      await run('add.sh', { NODE: `${node}:${made.length + 10}` });
    },
    async remove() {
      await execa('docker', ['rm', '-fv', ...made.map((name) => `${NAME}-${name}`)], { reject: false });
      await execa('docker', ['network', 'rm', NAME], { reject: false });
      made.length = 0;
    },
  };
}

const NAME = 'kubewright-bench-raw';

/** Gives the flags that nodes' containers need here. */
async function layOut(stage: string): Promise<string> {
  const { engine, abilities } = await layOutForNodes(stage);
  return [
    ...privilegeFlags(engine, abilities.privileges).map((flag) => `'${flag}'`),
    ...['--stop-signal', 'SIGRTMIN+3', '--tmpfs', '/run', '--tmpfs', '/tmp'],
  ].join(' ');
}
