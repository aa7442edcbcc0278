import { chooseSource } from '../src/artifacts/source.js';
import { loadConfig } from '../src/config/load.js';

/**
 * Will `kubewright up` on the config named by the first argument download its artifacts? Exits with 0 if so;
 * with 1 where they will be built, having said why.
 */
const config = await loadConfig(process.argv[2] ?? 'cluster.yaml');
if (!config.ok) throw new Error(config.diagnostics.map(({ message }) => message).join('\n'));
const { artifacts, kubernetes } = config.cluster;
const source = await chooseSource({
  ...artifacts,
  kubernetesVersion: kubernetes.version,
  signal: AbortSignal.timeout(30_000),
  report: (event) => {
    if (event.kind !== 'progress') process.stderr.write(`== ${event.text}\n`);
  },
});
process.exitCode = source === 'upstream' ? 0 : 1;
