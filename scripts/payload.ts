/**
 * Obtains a payload into the user's own cache, as `kubewright up` does, and prints it as JSON.
 * Usage: npx tsx scripts/payload.ts [KUBERNETES_VERSION] [amd64|arm64] [auto|upstream|build]
 */
import { join } from 'node:path';

import { DEFAULT_KUBERNETES_VERSION } from '../src/artifacts/component-versions.js';
import { resolvePayload } from '../src/artifacts/resolve.js';
import { serializeError } from '../src/core/errors.js';
import { cacheDirectory } from '../src/state/paths.js';

const [version = DEFAULT_KUBERNETES_VERSION, arch = process.arch === 'arm64' ? 'arm64' : 'amd64', source = 'auto'] =
  process.argv.slice(2);
const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
try {
  const payload = await resolvePayload({
    arch: arch === 'arm64' ? 'arm64' : 'amd64',
    kubernetesVersion: version,
    source: source === 'upstream' || source === 'build' ? source : 'auto',
    mirrors: {},
    cacheDirectory: cacheDirectory(),
    lockFile: join(cacheDirectory(), 'artifacts.lock'),
    signal: interrupt.signal,
    report(event) {
      if (event.kind === 'note') process.stderr.write(`${event.text}\n`);
      if (event.kind === 'progress') {
        process.stderr.write(`${event.done}${event.total ? `/${event.total}` : ''} ${event.what ?? ''}\n`);
      }
    },
  });
  process.stdout.write(`${JSON.stringify(payload, undefined, 2)}\n`);
} catch (error) {
  const { message, hint, output = [] } = serializeError(error);
  process.stderr.write([message, ...output, hint ?? '', ''].join('\n'));
  process.exitCode = 1;
}
