import { renderError } from '../ui/errors.js';
import { outputTo } from '../ui/output.js';
import { createReporter } from '../ui/reporter.js';
import { loadOperations } from './operations.js';
import { processTerminal } from './process-terminal.js';
import { run } from './run.js';

const code = await run(process.argv.slice(2), {
  terminal: processTerminal((status) => process.exit(status)),
  operations: loadOperations,
  createReporter,
  renderError,
});
// Connections that are kept for later must not keep the process.
await Promise.all([outputTo(process.stdout).flush(), outputTo(process.stderr).flush()]);
process.exit(code);
