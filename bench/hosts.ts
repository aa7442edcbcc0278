import { getServers } from 'node:dns';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { bootMachines, type Machines } from '../tests/rig/machines.js';
import { layOutForNodes } from './raw/stage.js';

/**
 * `kubewright up` on three machines that exist against bench/raw/hosts.sh, in turns within one run, each on fresh machines:
 * `npx tsx bench/hosts.ts [ROUNDS]`. Booting the machines is not counted. The node image must exist (`kubewright up`).
 */
const rounds = Number(process.argv[2] ?? 1);
const here = fileURLToPath(new URL('raw', import.meta.url));
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'kubewright-bench-'));
const stage = join(folder, 'stage');
const NAMES = ['cp1', 'w1', 'w2'];

try {
  await layOutForNodes(stage);
  for (let round = 1; round <= rounds; round += 1) {
    const script = await onFreshMachines(byScript);
    const up = await onFreshMachines(byUp);
    say(`round ${round}: script ${script.toFixed(1)} s, up ${up.toFixed(1)} s, ratio ${(up / script).toFixed(2)}`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Seconds that the work took on three machines that have nothing yet. */
async function onFreshMachines(work: (machines: Machines) => Promise<void>): Promise<number> {
  await using machines = await bootMachines(NAMES, { subnet: '10.213.11' });
  const started = performance.now();
  await work(machines);
  return (performance.now() - started) / 1000;
}

async function byScript({ hosts, identityFile, hostKey }: Machines): Promise<void> {
  const known = join(folder, 'known_hosts');
  await writeFile(known, hosts.map(({ address }) => `${address} ${hostKey}\n`).join(''));
  const options = `-i ${identityFile} -o UserKnownHostsFile=${known} -o IdentitiesOnly=yes -o LogLevel=ERROR`;
  await execa('sh', [join(here, 'hosts.sh')], {
    env: {
      ...{ HOSTS: hosts.map(({ address }) => address).join(' '), STAGE: stage, HERE: here },
      ...{ SSH: `ssh ${options}`, SCP: `scp ${options}` },
    },
    stdin: 'ignore',
    timeout: 300_000,
  });
}

async function byUp({ hosts, identityFile, hostKey }: Machines): Promise<void> {
  const file = join(folder, 'cluster.yaml');
  const listed = hosts.map(({ name, address }) => `{name: ${name}, address: ${address}}`);
  await writeFile(
    file,
    `apiVersion: kubewright/v1alpha1
name: bench-hosts
provider:
  hosts: {user: root, identityFile: ${identityFile}, hostKey: {pinned: ["${hostKey}"]}}
nodes:
  control-plane: {hosts: [${listed[0]}]}
  workers: {hosts: [${listed.slice(1).join(', ')}]}
network: {upstreamDns: [${getServers()[0]}]}
`,
  );
  const env = { KUBECONFIG: join(folder, 'kubeconfig'), KUBEWRIGHT_STATE_DIR: join(folder, 'state'), NO_COLOR: '1' };
  await execa(process.execPath, [cli, 'up', '-f', file, '-q'], { env, stdin: 'ignore', timeout: 300_000 });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
