import { setTimeout as delay } from 'node:timers/promises';
import { exclusively } from '../../src/artifacts/exclusive.js';

// A process of its own that takes a lock, says so, and holds it until it is killed.
const [path = ''] = process.argv.slice(2);
const { signal } = new AbortController();
await exclusively(path, { purpose: 'Kubernetes 1.36.3', signal }, async () => {
  process.stdout.write('held\n');
  await delay(60_000);
});
