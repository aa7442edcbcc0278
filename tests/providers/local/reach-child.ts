import { serializeError } from '../../../src/core/errors.js';
import { findAbilities } from '../../../src/providers/local/abilities.js';
import { findEngine } from '../../../src/providers/local/engine.js';

/** Run by itself, as a process that the kernel's packet filter treats in its own way: says what it finds out of the engine. */
const [image = '', cacheDirectory = ''] = process.argv.slice(2);
const signal = AbortSignal.timeout(60_000);
try {
  const engine = await findEngine('docker', signal);
  process.stdout.write(JSON.stringify(await findAbilities(engine, { image, cacheDirectory, signal })));
} catch (error) {
  process.stdout.write(JSON.stringify(serializeError(error)));
}
