/* A process that keeps a journal and is killed in the middle of its run. */
import { openJournal } from '../../src/state/journal.js';
import { statePaths } from '../../src/state/paths.js';

const journal = await openJournal(statePaths('demo'), { verb: 'up', cluster: 'demo', emit: () => {} });
for (const line of ['one', 'two']) {
  journal.emit({ type: 'output', id: 'w-1/import', host: 'w-1', stream: 'stdout', line });
  await new Promise((resolve) => setImmediate(resolve));
}
process.kill(process.pid, 'SIGKILL');
